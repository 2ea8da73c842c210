"""The final copy plays at once from anywhere; what was vouched for is left as it is."""

import av
import pytest

from odr import chain
from odr.errors import Refused
from odr.recordings import webm
from odr.recordings.final import finalise
from odr.recordings.writer import RoomRecorder, recorder_key
from tests.recordings.coded import coded, decoded

PICTURE = webm.Picture("vp8", 160, 120)
SECONDS = 6


def _film(home, *, pictures=True):
    room = RoomRecorder.open(home / "room", recorder_key(home), {"room": "r"}, 1)
    frames = coded(12)
    for turn in range(SECONDS * 12):
        t_ms = 5000 + turn * 1000 // 12
        room.sound("a", 1, t_ms, b"\xf8\xff\xfe")
        if pictures:
            key = turn % 12 == 0
            room.picture(("a", 1), t_ms, frames[turn % 12], PICTURE, key=key)
        if turn % 12 == 11:
            room.keep(room.collect())
    room.seal()
    return home / "room" / "a.1.webm"


def test_it_has_a_duration_and_every_frame(tmp_path):
    source = _film(tmp_path)
    before = chain.digest(source.read_bytes())
    duration = finalise(source, tmp_path / "final" / "a.webm")
    assert duration == pytest.approx(SECONDS * 1000, abs=100)
    with av.open(str(tmp_path / "final" / "a.webm")) as film:
        assert film.duration == pytest.approx(duration * 1000, abs=1000)
    assert decoded(tmp_path / "final" / "a.webm") == decoded(source)
    assert chain.digest(source.read_bytes()) == before


@pytest.mark.parametrize("pictures", [True, False])
def test_a_player_can_jump(tmp_path, pictures):
    finalise(_film(tmp_path, pictures=pictures), tmp_path / "a.webm")
    with av.open(str(tmp_path / "a.webm")) as film:
        stream = film.streams.best("video" if pictures else "audio")
        film.seek(4_500_000)
        first = next(p for p in film.demux(stream) if p.pts is not None)
        assert float(first.pts * stream.time_base) == pytest.approx(4.0, abs=0.1)
        assert len(film.streams) == (2 if pictures else 1)


def test_the_index_points_at_clusters(tmp_path):
    finalise(_film(tmp_path), tmp_path / "a.webm")
    data = (tmp_path / "a.webm").read_bytes()
    segment = data.index(webm.SEGMENT_ID.to_bytes(4, "big")) + 12
    assert len(data) - segment == int.from_bytes(data[segment - 8 : segment], "big") - (1 << 56)
    places, at = [], 0
    while (at := data.find(b"\xf1\x88\x00\x00\x00\x00", at + 1)) >= 0:
        places.append(segment + int.from_bytes(data[at + 2 : at + 10], "big"))
    assert len(places) == SECONDS
    assert {data[place : place + 4] for place in places} == {b"\x1f\x43\xb6\x75"}


def test_a_torn_film_is_final_up_to_its_last_whole_cluster(tmp_path):
    source = _film(tmp_path)
    torn = tmp_path / "torn.webm"
    torn.write_bytes(source.read_bytes()[:-10])
    assert finalise(torn, tmp_path / "a.webm") == pytest.approx((SECONDS - 1) * 1000, abs=100)


def test_what_is_no_film_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "x").write_bytes(b"not a film" * 9)
    with pytest.raises(Refused):
        finalise(tmp_path / "x", tmp_path / "out" / "a.webm")
    assert list((tmp_path / "out").iterdir()) == []
