"""A full disk: no session begins, a running one stops cleanly, says so and goes on when there is room."""

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from odr.mediation.media.ground import Ground
from odr.mediation.media.rooms import Rooms
from odr.recordings import manifest
from odr.recordings.timeline import SeatClock
from odr.recordings.writer import recorder_key

MEGABYTE = 1 << 20
SOUND = b"\xf8\xff\xfe"
META = {"session": "s", "recording": True, "seats": []}

FULL = """
import resource, sys
from pathlib import Path
from odr.recordings.writer import RoomRecorder, recorder_key
home = Path(sys.argv[1])
room = RoomRecorder.open(home / "room", recorder_key(home), {"room": "r"}, 1)
def speak(first, size):
    for turn in range(first, first + 10):
        room.sound("a", 1, turn * 20, b"x" * size)
    try:
        room.keep(room.collect())
    except OSError:
        return room.paused
    return "kept"
said = [speak(0, 100)]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
said.append(speak(10, 900))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
room.resume()
said.append(speak(20, 100))
room.seal()
print(*said)
"""


def _wrong(folder):
    return [(one.item, one.text) for one in manifest.verify(folder) if not one.ok]


@pytest.mark.parametrize("most", [200, 2000, 4000])
def test_a_write_that_is_not_taken_pauses_and_leaves_a_whole_film(tmp_path, most):
    command = [sys.executable, "-c", FULL, str(tmp_path), str(most)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert ended.stdout.split() == ["kept", "disk-full", "kept"], ended.stderr
    assert _wrong(tmp_path / "room") == []
    gaps = manifest.summary(tmp_path / "room").gaps
    assert [gap.why for gap in gaps] == ["disk-full"]


@pytest.fixture
def small(tmp_path):
    """A disk of 4 MB of which 1 is kept in reserve; where nothing can be mounted, the large one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    reserve = 1 if mounted else shutil.disk_usage(folder).free // MEGABYTE - 64
    yield SimpleNamespace(folder=folder, reserve=reserve, ballast=3 if mounted else 128)
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(small):
    (small.folder / "ballast").write_bytes(bytes(small.ballast * MEGABYTE + 200_000))


def _command(op, **args):
    body = {"cmd_id": f"{op}{time.monotonic_ns()}", "room": "r1", "epoch": 1, "op": op}
    return body | {"args": args}


async def _until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def _rooms(small, told, home: Path):
    key = recorder_key(home)
    return Rooms(Ground(small.folder, key, small.reserve, lambda *said: told.append(said)))


def test_no_session_begins_on_a_full_disk(small, tmp_path):
    async def story():
        rooms = _rooms(small, [], tmp_path)
        _fill(small)
        refused = await rooms.command(_command("open", meta=META))
        (small.folder / "ballast").unlink()
        opened = await rooms.command(_command("open", meta=META))
        await rooms.command(_command("close"))
        return refused, opened

    refused, opened = asyncio.run(story())
    assert (refused["ok"], refused["error"]) == (False, "media.disk-low")
    assert opened["ok"]


def test_a_running_recording_stops_says_so_and_goes_on(small, tmp_path):
    told: list = []
    peer = SimpleNamespace(seat="a", seat_epoch=1, clock=SeatClock())

    async def story():
        rooms = _rooms(small, told, tmp_path)
        await rooms.command(_command("open", meta=META))
        room = rooms._rooms["r1"]
        room.sound(peer, 0, SOUND)
        await _until(lambda: room.recorder.bytes_on_disk)
        _fill(small)
        await _until(lambda: any(kind == "disk-low" for _, _, kind, _ in told))
        refused = await rooms.command(_command("resume"))
        (small.folder / "ballast").unlink()
        again = await rooms.command(_command("resume"))
        room.sound(peer, 48_000, SOUND)
        closed = await rooms.command(_command("close"))
        return refused, again, closed

    refused, again, closed = asyncio.run(story())
    assert refused["error"] == "media.disk-low"
    assert again["ok"]
    assert closed["ok"]
    assert [kind for _, _, kind, _ in told].count("disk-low") == 1
    assert [gap.why for gap in manifest.summary(small.folder / "r1").gaps] == ["disk-full"]
    assert _wrong(small.folder / "r1") == []
