from pathlib import Path

import numpy as np

from odr.recordings.picture import Size
from odr.recordings.reader import RATE, STALE_MS, Pictures, Sounds, Track
from tests.recordings import films

INTO = Size(160, 120)


def track(path: Path, t0_ms: int = 0) -> Track:
    return Track(path, "a1", t0_ms, t0_ms + 2000)


def test_a_picture_is_there_from_its_start_until_it_is_stale(tmp_path: Path) -> None:
    pictures = Pictures([track(films.webm(tmp_path / "a1.1.webm", 1.0), 3000)], INTO)
    assert pictures.at(2000) is None
    shown = pictures.at(3500)
    assert shown is not None
    assert shown.size.width <= INTO.width
    assert shown.size.height <= INTO.height
    assert pictures.at(4000 + STALE_MS + 100) is None


def test_sound_lies_where_it_was_said_and_silence_elsewhere(tmp_path: Path) -> None:
    sounds = Sounds([track(films.webm(tmp_path / "a1.1.webm", 1.0, picture=False), 1000)])
    before = sounds.take(0, RATE // 2)
    during = sounds.take(RATE + RATE // 4, RATE // 2)
    assert not before.any()
    assert np.abs(during).max() > 1000


def test_a_file_cut_anywhere_gives_what_it_has(tmp_path: Path) -> None:
    whole = films.webm(tmp_path / "a1.1.webm", 2.0)
    data = whole.read_bytes()
    cut = tmp_path / "a1.2.webm"
    cut.write_bytes(data[: len(data) // 2])
    assert Pictures([track(cut)], INTO).at(200) is not None


def test_what_is_no_film_is_passed_over(tmp_path: Path) -> None:
    noise = tmp_path / "a1.1.webm"
    noise.write_bytes(b"not a film" * 50)
    assert Pictures([track(noise)], INTO).at(100) is None
    assert not Sounds([track(noise)]).take(0, RATE).any()
