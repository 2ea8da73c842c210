"""A process that records is killed again and again: each time at most a second is lost, and it is said."""

import os
import select
import signal
import subprocess
import sys
import time
from itertools import pairwise

import av
import pytest

from odr.recordings import manifest
from odr.recordings.writer import RoomRecorder, recorder_key
from tests.recordings.coded import coded, decoded

LIVED_MS = (1330, 1650, 2050)  # short before a flush, between two, short before the next
LOOPS = len(LIVED_MS)
LOST_MS = 1000
SHORTEST = 10

RECORDING = """
import sys, threading, time
from pathlib import Path
from odr.mediation.media.room import FLUSH_SECONDS
from odr.recordings import webm
from odr.recordings.writer import RoomRecorder, recorder_key
home, epoch = Path(sys.argv[1]), int(sys.argv[2])
frames = [bytes.fromhex(line) for line in (home / "frames").read_text().split()]
room = RoomRecorder.open(home / "room", recorder_key(home), {"room": "r"}, epoch)
picture = webm.Picture("vp8", 160, 120)
def keep():
    while True:
        time.sleep(FLUSH_SECONDS)
        room.keep(room.collect())
threading.Thread(target=keep, daemon=True).start()
for turn in range(100000):
    t = room.now_ms()
    room.sound("a", epoch, t, b"\\xf8\\xff\\xfe")
    if turn % 2 == 0:
        n = turn // 2 % len(frames)
        room.picture(("a", epoch), t, frames[n], picture, key=n == 0)
    print(t, flush=True)
    time.sleep(0.02)
"""


def _killed_after(home, epoch):
    """The first and the last time the process said that it had taken a frame, in ms of the room."""
    command = [sys.executable, "-c", RECORDING, str(home), str(epoch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        first, last, data, end = -1, -1, b"", time.monotonic() + 30
        while first < 0 or last - first < LIVED_MS[epoch - 1]:
            assert time.monotonic() < end
            if select.select([child.stdout], [], [], 1.0)[0]:
                data += os.read(child.stdout.fileno(), 65536)
                assert data or child.poll() is None
                told = data.split(b"\n")[:-1]
                first, last = (int(told[0]), int(told[-1])) if told else (-1, -1)
        os.kill(child.pid, signal.SIGKILL)
        data += child.stdout.read()
    return first, int(data.split(b"\n")[-2])


def _ends(path, t0_ms):
    """The last moment of every track of a film."""
    last = {}
    with av.open(str(path)) as film:
        for packet in film.demux():
            if packet.size and packet.pts is not None:
                when = float(packet.pts * packet.stream.time_base) * 1000
                last[packet.stream.type] = t0_ms + max(
                    when, last.get(packet.stream.type, 0) - t0_ms
                )
    return last


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("killed")
    (tmp_path / "frames").write_text("\n".join(frame.hex() for frame in coded()))
    killed = [_killed_after(tmp_path, epoch) for epoch in range(1, LOOPS + 1)]
    again = RoomRecorder.open(tmp_path / "room", recorder_key(tmp_path), {}, LOOPS + 1)
    again.seal()
    return tmp_path / "room", killed


def test_what_kill_9_costs_is_less_than_a_second_and_declared(story):
    folder, killed = story
    assert [(one.item, one.text) for one in manifest.verify(folder) if not one.ok] == []
    found = manifest.summary(folder)
    films = {film.seat_epoch: film for film in found.files}
    assert sorted(films) == list(range(1, LOOPS + 1))
    for epoch, (first, last) in enumerate(killed, 1):
        film = films[epoch]
        assert film.t0_ms == first
        ends = _ends(folder / film.file, film.t0_ms)
        assert set(ends) == {"audio", "video"}
        assert {kind: last - end > LOST_MS for kind, end in ends.items()} == {
            "audio": False,
            "video": False,
        }
        counts = decoded(folder / film.file)
        assert min(counts.values()) > SHORTEST
    assert [gap.why for gap in found.gaps] == ["crash"] * LOOPS
    for gap, (_, last) in zip(found.gaps, killed, strict=True):
        assert gap.from_ms <= last <= gap.to_ms


def test_what_is_recorded_is_vouched_for_every_two_seconds(story):
    folder, killed = story
    entries = manifest.read(folder)
    for first, last in killed:
        times = [e.t_ms for e in entries if e.kind == "segment" and first <= e.t_ms <= last]
        steps = [after - before for before, after in pairwise([first, *times])]
        assert times
        assert max(steps) <= 2000
