"""The process itself: killed in the middle it loses a second; another goes on with the same film."""

import asyncio
import os
import signal
import subprocess
import sys

import av

from odr.recordings import manifest

NODE = """
import sys
from pathlib import Path
from odr.mediation.media.server import run
from odr.settings import Secret, Settings
data, secret, url, name = sys.argv[1:]
settings = Settings(data=Path(data), database_url="", service_secret=Secret(secret),
                    disk_reserve_mb=1, media_ports=(51000, 51999))
run(settings, url, name)
"""


def _node(settings, house, name):
    url = f"http://127.0.0.1:{house.port}"
    command = [sys.executable, "-c", NODE, str(settings.data), settings.service_secret, url, name]
    return subprocess.Popen(command)


def test_a_killed_node_is_followed_by_another(  # noqa: PLR0915 -- one story
    kit, settings, web_house
):
    processes = []

    def started(house, name):
        processes.append(_node(settings, house, name))
        return processes[-1]

    async def story(house):
        folder = settings.recordings_dir / "r1"
        first = started(house, "n1")
        await kit.until(lambda: house.registered)
        await house.ok("open", meta=kit.META)
        client = kit.Client()
        answer = await client.enter(house, "a", 1)
        ports = {int(row.split()[5]) for row in answer["sdp"].splitlines() if "a=candidate" in row}
        assert all(51000 <= port <= 51999 for port in ports)
        film = folder / "a.1.webm"
        await kit.until(lambda: film.exists() and film.stat().st_size > 10_000)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        await client.leave()
        second = started(house, "n2")
        await kit.until(lambda: len(house.registered) == 2)
        opened = await house.ok("open", epoch=2, meta=kit.META)
        assert opened["recovered"]
        client = kit.Client()
        await client.enter(house, "a", 2, epoch=2)
        await kit.until((folder / "a.2.webm").exists)
        await house.ok("close", epoch=2)
        await client.leave()
        second.terminate()
        assert await asyncio.to_thread(second.wait, 10) == 0

    try:
        web_house(story)
    finally:
        for process in processes:
            process.kill()
    folder = settings.recordings_dir / "r1"
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    found = manifest.summary(folder)
    assert [gap.why for gap in found.gaps] == ["crash"]
    starts = [film.t0_ms for film in found.files]
    assert starts == sorted(starts)
    assert starts[1] >= found.gaps[0].to_ms
    for film in found.files:
        with av.open(str(folder / film.file)) as opened:
            assert sum(1 for _ in opened.decode(video=0)) > 0


def test_a_node_that_was_stopped_in_its_sleep_lets_go_of_a_room_that_moved(  # noqa: PLR0915 -- one story
    kit, settings, web_house
):
    folder, processes = settings.recordings_dir / "r1", []

    async def started(house, name):
        processes.append(_node(settings, house, name))
        count = len(processes)
        await kit.until(lambda: len(house.registered) == count)
        return processes[-1]

    async def story(house):
        zombie = await started(house, "n1")
        await house.ok("open", meta=kit.META)
        client = kit.Client()
        await client.enter(house, "a", 1)
        await kit.until((folder / "a.1.webm").exists)
        os.kill(zombie.pid, signal.SIGSTOP)
        await client.leave()
        await started(house, "n2")
        await house.ok("open", epoch=2, meta=kit.META)
        again = kit.Client()
        await again.enter(house, "a", 2, epoch=2)
        await kit.until((folder / "a.2.webm").exists)
        before = (folder / "a.1.webm").stat().st_size
        told = len(house.events)
        os.kill(zombie.pid, signal.SIGCONT)
        answer = {"ok": True}
        for _ in range(200):  # it wakes, looks at the fence, and lets go
            house.sid = house.sids["n1"]  # it may have dialled again after its sleep
            answer = await house.command("status")
            if not answer["ok"]:
                break
            await asyncio.sleep(0.05)
        assert not answer["ok"]
        assert answer["error"] == "media.no-room"
        house.sid = house.sids["n2"]
        assert (folder / "a.1.webm").stat().st_size == before
        late = [one for one in house.events[told:] if one["node"] == "n1"]
        assert {one["epoch"] for one in late} <= {1}
        await house.ok("close", epoch=2)
        await again.leave()

    try:
        web_house(story)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    assert manifest.summary(folder).sealed
