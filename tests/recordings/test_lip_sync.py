"""Sound and picture of one seat lie together in the film itself, through skew and an hour of drift."""

import av
import pytest

from odr.recordings import webm
from odr.recordings.timeline import SeatClock
from odr.recordings.writer import RoomRecorder, recorder_key
from tests.recordings.coded import coded

PICTURE = webm.Picture("vp8", 160, 120)
SKEW_MS = 150
REPORT_MS, STILL_MS, FLUSH_MS, SOUND_MS = 5000, 1000, 10_000, 20
START_MS = 400


def _recorded(home, minutes, ppm):
    """A film of simulated packets: sound every 20 ms, a picture a second that travels 150 ms longer.

    ``ppm``: by how much the sampling clocks of sound and picture run wrong.
    """
    room = RoomRecorder.open(home / "room", recorder_key(home), {"room": "r"}, 1)
    seat, (still,) = SeatClock(), coded(1)
    heard, seen = (rate * (1 + wrong * 1e-6) for rate, wrong in zip((48, 90), ppm, strict=True))
    for now in range(0, minutes * 60_000, SOUND_MS):
        sound, picture = int(now * heard), int(now * seen)
        room.sound("a", 1, seat.at("audio", sound, START_MS + now), b"\xf8\xff\xfe")
        if now % STILL_MS == 0:
            when = seat.at("video", picture, START_MS + now + SKEW_MS)
            room.picture(("a", 1), when, still, PICTURE, key=True)
        if now % REPORT_MS == 0:
            ntp = ((77_000_000 + now) << 32) // 1000
            seat.report("audio", ntp, sound, START_MS + now)
            seat.report("video", ntp, picture, START_MS + now + SKEW_MS)
        if now % FLUSH_MS == 0:
            room.keep(room.collect())
    room.seal()
    return home / "room" / "a.1.webm"


def _offsets(path):
    """How far each picture lies from the sound of the same moment, in ms."""
    times = {"audio": [], "video": []}
    with av.open(str(path)) as film:
        for packet in film.demux():
            if packet.size:
                times[packet.stream.type].append(float(packet.pts * packet.stream.time_base) * 1000)
    assert all(kind == sorted(set(kind)) for kind in times.values())
    sounds = times["audio"][:: STILL_MS // SOUND_MS]
    return [abs(one - other) for one, other in zip(sounds, times["video"], strict=True)]


def test_skew_is_gone_with_the_first_reports(tmp_path):
    assert max(_offsets(_recorded(tmp_path, 1, (0, 0)))[1:]) <= 20


@pytest.mark.parametrize("ppm", [(100, -80)])
def test_an_hour_of_drift_leaves_them_together(tmp_path, ppm):
    offsets = _offsets(_recorded(tmp_path, 60, ppm))
    assert len(offsets) == 3600
    assert offsets[-1] <= 40
    assert max(offsets[1:]) <= 40
