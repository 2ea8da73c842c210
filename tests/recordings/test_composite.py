from pathlib import Path

import av
import numpy as np
import pytest

from odr.errors import NotFound, Refused
from odr.recordings.composite import FPS, Made, Reel, angle, compose
from odr.recordings.picture import DIM, Size
from odr.recordings.reader import RATE, Track
from odr.settlement.fonts import font_file
from tests.recordings import films

LABELS = {"a1": "申请人 王䶮", "r1": "被申请人 李建国", "m": "调解员 陈晓岚"}
CELL = Size(212, 160)


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Six seconds: a1 breaks off after two and is back at four; r1 starts at one; m has no picture."""
    folder = tmp_path_factory.mktemp("room")
    made = [
        (films.webm(folder / "a1.1.webm", 2, hertz=500, luma=60), "a1", 0),
        (films.webm(folder / "a1.2.webm", 2, hertz=500, luma=90), "a1", 4500),
        (films.webm(folder / "r1.1.webm", 5, hertz=900, luma=160), "r1", 1000),
        (films.webm(folder / "m.1.webm", 6, hertz=1400, picture=False), "m", 0),
    ]
    font = font_file("song", folder)
    tracks = [Track(path, seat, t0, t0 + 2000) for path, seat, t0 in made]
    return Reel(tracks, LABELS, 6500, font, "（2026）浙0304民调00001号", CELL)


@pytest.fixture(scope="module")
def heard() -> list[float]:
    return []


@pytest.fixture(scope="module")
def made(reel: Reel, heard: list[float], tmp_path_factory: pytest.TempPathFactory) -> Made:
    return compose(reel, tmp_path_factory.mktemp("out") / "c.mp4", progress=heard.append)


def middle(picture: np.ndarray, seat: int) -> float:
    """The brightness of one place a little above the middle, where no text stands."""
    return float(np.median(picture[20:40, seat * 212 + 30 : seat * 212 + 60]))


def test_it_has_sound_and_picture_of_the_length_of_the_session(made: Made) -> None:
    with av.open(str(made.path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert video.codec_context.pix_fmt == "yuv420p"
        for stream in (video, audio):
            assert float(stream.duration * stream.time_base) == pytest.approx(6.5, abs=0.2)
    assert made.duration_ms == 6500
    assert made.size == made.path.stat().st_size


def test_a_browser_can_seek_in_it(made: Made) -> None:
    data = made.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(made.path)) as container:
        keys = [float(p.pts * p.time_base) for p in container.demux(video=0) if p.is_keyframe]
    assert keys == pytest.approx(list(range(7)))


def test_each_seat_is_seen_when_it_was_there(made: Made) -> None:
    shown = films.pictures(made.path)
    first, between, last = shown[1 * FPS], shown[int(4.3 * FPS)], shown[6 * FPS]
    assert middle(first, 0) == pytest.approx(60, abs=4)
    assert middle(shown[FPS // 2], 1) == pytest.approx(DIM, abs=4)
    assert middle(between, 0) == pytest.approx(DIM, abs=4)
    assert middle(between, 1) == pytest.approx(160, abs=4)
    assert middle(last, 0) == pytest.approx(90, abs=4)
    assert all(middle(picture, 2) == pytest.approx(DIM, abs=4) for picture in shown)
    assert shown[0][150:250].max() > 200


def test_each_voice_is_heard_when_it_spoke(made: Made) -> None:
    heard = films.sound(made.path)
    early, middle_part = heard[RATE // 4 : RATE * 3 // 4], heard[3 * RATE : 4 * RATE]
    assert films.loudness(early, 500) > 0.15
    assert films.loudness(early, 900) < 0.02
    assert films.loudness(early, 1400) > 0.15
    assert films.loudness(middle_part, 500) < 0.02
    assert films.loudness(middle_part, 900) > 0.15


def test_progress_is_told_each_second(made: Made, heard: list[float]) -> None:
    assert made.path.exists()
    assert len(heard) == 8
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_one_seat_alone(reel: Reel, tmp_path: Path) -> None:
    alone = angle(reel, "r1", tmp_path / "r1.mp4", progress=lambda _: None)
    heard = films.sound(alone.path)[2 * RATE : 3 * RATE]
    assert films.loudness(heard, 900) > 0.15
    assert films.loudness(heard, 1400) < 0.02
    assert len(films.pictures(alone.path)) == pytest.approx(1 + 5.5 * FPS, abs=1)
    with pytest.raises(Refused):
        angle(reel, "r9", tmp_path / "r9.mp4", progress=lambda _: None)


def test_a_torn_or_foreign_file_costs_only_its_own_seat(reel: Reel, tmp_path: Path) -> None:
    whole = reel.of("r1")[0].path.read_bytes()
    (tmp_path / "r1.webm").write_bytes(whole[: len(whole) * 2 // 3])
    (tmp_path / "m.webm").write_bytes(b"not a film" * 100)
    tracks = [
        Track(tmp_path / "r1.webm", "r1", 0, 5000),
        Track(tmp_path / "m.webm", "m", 0, 5000),
        Track(tmp_path / "gone.webm", "a1", 0, 5000),
    ]
    torn = Reel(tracks, LABELS, 2000, reel.font, cell=CELL)
    made = compose(torn, tmp_path / "torn.mp4", progress=lambda _: None)
    assert middle(films.pictures(made.path)[FPS], 1) == pytest.approx(160, abs=4)


def test_nothing_recorded_makes_no_film(reel: Reel, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        compose(Reel([], LABELS, 1000, reel.font), tmp_path / "c.mp4", progress=lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_film_leaves_nothing(reel: Reel, tmp_path: Path) -> None:
    def stop(_done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compose(reel, tmp_path / "c.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_long_silence_costs_one_picture_a_second(reel: Reel, tmp_path: Path) -> None:
    quiet = Reel(reel.of("m"), LABELS, 4000, reel.font, cell=CELL)
    made = compose(quiet, tmp_path / "quiet.mp4", progress=lambda _: None)
    assert len(films.pictures(made.path)) == 4
    assert len(films.sound(made.path)) == pytest.approx(4 * RATE, rel=0.02)
