"""A room on disk: what is written plays, what a crash costs is declared, a zombie writes nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from odr.errors import Refused
from odr.recordings import manifest, webm
from odr.recordings.writer import RoomRecorder, recorder_key
from tests.recordings.coded import coded, decoded, sizes

PICTURE = webm.Picture("vp8", 160, 120)
META = {"room": "r", "session": "s"}

ENDLESS = """
import sys, time
from pathlib import Path
from odr.recordings import webm
from odr.recordings.writer import RoomRecorder, recorder_key
home = Path(sys.argv[1])
frames = [bytes.fromhex(line) for line in (home / "frames").read_text().split()]
room = RoomRecorder.open(home / "room", recorder_key(home / "secrets"), {"room": "r"}, 1)
picture = webm.Picture("vp8", 160, 120)
for turn in range(100000):
    t = room.now_ms()
    room.sound("a", 1, t, b"\\xf8\\xff\\xfe")
    room.picture(("a", 1), t, frames[turn % len(frames)], picture, key=turn % len(frames) == 0)
    if turn % 10 == 9:
        room.keep(room.collect())
    time.sleep(0.01)
"""


@pytest.fixture
def opened(tmp_path):
    return RoomRecorder.open(tmp_path / "r", recorder_key(tmp_path / "secrets"), META, 1)


def _wrong(folder):
    return [(one.item, one.text) for one in manifest.verify(folder) if not one.ok]


def test_what_is_written_plays_and_verifies(opened):
    for number, frame in enumerate(coded()):
        opened.sound("a", 1, number * 20, b"\xf8\xff\xfe")
        opened.picture(("a", 1), number * 20, frame, PICTURE, key=number == 0)
        opened.keep(opened.collect())
    sealed = opened.seal()
    assert _wrong(opened.folder) == []
    assert [(f.seat, f.audio, f.video) for f in sealed.files] == [("a", True, True)]
    assert decoded(opened.folder / "a.1.webm") == {"audio": 12, "video": 12}


def test_sound_before_the_first_key_frame_is_kept(opened):
    frames = coded(3)
    opened.sound("a", 1, 0, b"\xf8\xff\xfe")
    opened.picture(("a", 1), 5, frames[1], PICTURE, key=False)
    opened.keep(opened.collect())
    opened.sound("a", 1, 20, b"\xf8\xff\xfe")
    opened.picture(("a", 1), 30, frames[0], PICTURE, key=True)
    opened.seal()
    assert decoded(opened.folder / "a.1.webm") == {"audio": 2, "video": 1}


def test_another_coding_of_the_picture_begins_another_part(opened):
    opened.picture(("a", 1), 0, coded(1)[0], PICTURE, key=True)
    opened.keep(opened.collect())
    other = webm.Picture("h264", 160, 120, b"\x01\x42\xe0\x1f\xff\xe1\x00\x00\x01\x00\x00")
    opened.picture(("a", 1), 40, b"\x00\x00\x00\x01\x65", other, key=True)
    sealed = opened.seal()
    assert [film.file for film in sealed.files] == ["a.1.webm", "a.1-2.webm"]


def test_nothing_is_recorded_during_a_pause(opened):
    opened.pause("adjourned")
    opened.sound("a", 1, 0, b"\xf8\xff\xfe")
    assert opened.collect() == []
    assert opened.resume() is not None
    opened.seal()
    assert [gap.why for gap in manifest.summary(opened.folder).gaps] == ["adjourned"]
    assert _wrong(opened.folder) == []


def test_an_older_writer_is_fenced_off(opened, tmp_path):
    newer = RoomRecorder.open(opened.folder, recorder_key(tmp_path / "secrets"), META, 2)
    opened.sound("a", 1, 0, b"\xf8\xff\xfe")
    with pytest.raises(Refused) as refused:
        opened.keep(opened.collect())
    assert refused.value.key == "recordings.fenced"
    assert newer.recovered
    newer.seal()
    assert _wrong(newer.folder) == []


def test_after_kill_9_everything_plays_and_the_gap_is_declared(tmp_path):
    (tmp_path / "frames").write_text("\n".join(frame.hex() for frame in coded()))
    writer = subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path)])
    film = tmp_path / "room" / "a.1.webm"
    end = time.monotonic() + 20
    while not (film.exists() and film.stat().st_size > 20_000):
        assert time.monotonic() < end
        assert writer.poll() is None
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    again = RoomRecorder.open(
        tmp_path / "room", recorder_key(tmp_path / "secrets"), {"room": "r"}, 2
    )
    assert again.recovered
    again.sound("a", 2, again.now_ms(), b"\xf8\xff\xfe")
    again.seal()
    assert _wrong(tmp_path / "room") == []
    kinds = [entry.kind for entry in manifest.read(tmp_path / "room")]
    assert "recovered" in kinds
    found = manifest.summary(tmp_path / "room")
    assert [gap.why for gap in found.gaps] == ["crash"]
    assert found.gaps[0].to_ms >= found.gaps[0].from_ms > 0
    counts = decoded(film)
    assert counts["video"] > 20
    assert counts["audio"] > 20


def test_films_are_on_the_disk_before_the_line_that_vouches_for_them(opened, monkeypatch):
    """Every flush syncs each film and then, once, the manifest; the line is told after that."""
    synced, real = [], os.fdatasync

    def fdatasync(handle):
        real(handle)
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    for turn in range(3):
        for seat in ("a", "b"):
            opened.sound(seat, 1, turn * 700, b"\xf8\xff\xfe")
        before = opened.seq
        opened.keep(opened.collect())
        assert opened.seq == before + 2
        assert synced == ["a.1.webm", "b.1.webm", "manifest.jsonl"]
        synced.clear()
    opened.seal()


def test_a_change_of_size_stays_in_one_film_and_plays(opened):
    for turn, frame in enumerate([*coded(5), *coded(5, (240, 320))]):
        size = (320, 240) if turn > 4 else (160, 120)
        picture = webm.Picture("vp8", *size)
        opened.picture(("a", 1), turn * 40, frame, picture, key=turn in (0, 5))
        opened.keep(opened.collect())
    sealed = opened.seal()
    assert [film.file for film in sealed.files] == ["a.1.webm"]
    assert sizes(opened.folder / "a.1.webm") == [(160, 120)] * 5 + [(320, 240)] * 5


def test_a_part_that_ends_while_the_disk_is_busy_loses_nothing(opened):
    first, other = (
        coded(1)[0],
        webm.Picture("h264", 160, 120, b"\x01\x42\xe0\x1f\xff\xe1\0\0\x01\0\0"),
    )
    opened.sound("a", 1, 0, b"\xf8\xff\xfe")
    chunks = opened.collect()
    opened.picture(("a", 1), 20, first, PICTURE, key=True)
    opened.picture(("a", 1), 40, b"\0\0\0\x01\x65", other, key=True)
    opened.keep(chunks)
    opened.seal()
    assert decoded(opened.folder / "a.1.webm") == {"audio": 1, "video": 1}
    assert (opened.folder / "a.1-2.webm").is_file()
    assert _wrong(opened.folder) == []


def test_a_seat_that_only_speaks_is_a_film_of_sound(opened):
    for turn in range(10):
        opened.sound("a", 1, turn * 20, b"\xf8\xff\xfe")
    sealed = opened.seal()
    assert [(film.audio, film.video) for film in sealed.files] == [(True, False)]
    assert decoded(opened.folder / "a.1.webm") == {"audio": 10, "video": 0}
