"""A client behind a bad network: a namespace and a TUN where the kernel allows it, else a relay.

The client and the node are processes of their own. Which of the two it was stands in the test's name.
"""

import asyncio
import contextlib
import json
import os
import sys

import av
import pytest

from tests.mediation.media import lossnet
from tests.mediation.media.conftest import META, until
from tests.mediation.media.lossy import CLEAR, Behind, Link, Weather
from tests.mediation.media.test_lossy import sound_in

NETWORK = "tun" if lossnet.possible() else "relay"
NODE = """
import sys
from pathlib import Path
from odr.mediation.media.server import run
from odr.settings import Secret, Settings
data, secret, url, host = sys.argv[1:]
run(Settings(data=Path(data), database_url="", service_secret=Secret(secret), disk_reserve_mb=1,
             media_host=host), url, "n1")
"""
ENOUGH_SOUND = 0.85
SECONDS = 20
DEAD = 50  # packets of sound, 20 ms each


class Program:
    """A child that is spoken to in lines."""

    def __init__(self, process):
        self._process = process

    @classmethod
    async def start(cls, *command):
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 20)
        )

    async def hear(self):
        async with asyncio.timeout(SECONDS):
            return (await self._process.stdout.readline()).decode().strip()

    async def say(self, text):
        self._process.stdin.write(text.encode() + b"\n")
        await self._process.stdin.drain()

    async def stop(self):
        self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.wait()


async def run_ip(*words):
    process = await asyncio.create_subprocess_exec("ip", *words)
    assert await process.wait() == 0


class Tun:
    """The kernel's way: the client's namespace is joined to ours by a lossy pair of TUNs."""

    def __init__(self):
        self._number, self._program = os.getpid(), None
        self._name = f"odr{self._number}"
        self.host = lossnet.addresses(self._number)[0]

    async def start(self):
        await run_ip("netns", "add", self._name)
        self.into = ("ip", "netns", "exec", self._name)
        words = ("-m", "tests.mediation.media.lossnet", self._name, str(self._number), "7")
        self._program = await Program.start(sys.executable, *words)
        assert await self._program.hear() == "ready"

    async def weather(self, loss, jitter):
        await self._program.say(f"{loss} {jitter}")

    def house(self, house):
        return house

    async def stop(self):
        if self._program:
            await self._program.stop()
        await run_ip("netns", "del", self._name)


class Relay:
    """The way without rights: datagrams over loopback."""

    host, into = "127.0.0.1", ()

    async def start(self):
        self._link = await Link(7).start()

    async def weather(self, loss, jitter):
        self._link.up = self._link.down = Weather(loss, 0.0, jitter) if loss or jitter else CLEAR

    def house(self, house):
        return Behind(house, self._link)

    async def stop(self):
        self._link.stop()


async def sends(client, more):
    """Until the client has sent so many more packets of sound; how many it has sent in all."""
    await client.say(str(more))
    return int(await client.hear())


def pictures_in(film):
    with av.open(str(film)) as found:
        return sum(1 for _ in found.decode(video=0))


async def hour(house, client, bad, film):
    """A client enters, suffers and recovers; how many packets of sound it sent while it was heard."""
    offer = json.loads(await client.hear())
    await until(lambda: house.registered)
    await house.ok("open", meta=META)
    answer = await bad.house(house).ok("attach", seat="a", seat_epoch=1, sdp=offer)
    await client.say(json.dumps(answer["sdp"]))
    await until(lambda: film.exists() and film.stat().st_size > 5000)
    await bad.weather(0.1, 0.05)
    await sends(client, 200)
    await bad.weather(1, 0)
    await sends(client, DEAD)
    await bad.weather(0, 0)
    sent = await sends(client, 100)
    assert (await house.ok("status"))["seats"]["a"]["connected"]
    assert house.types().count("seat-connected") == 1
    await house.ok("close")
    return sent - DEAD


@pytest.mark.parametrize("network", [NETWORK])
def test_a_tenth_lost_and_a_dead_second_are_survived(network, web_house, settings):
    bad = {"tun": Tun, "relay": Relay}[network]()
    film = settings.recordings_dir / "r1" / "a.1.webm"

    async def story(house):
        async with contextlib.AsyncExitStack() as after:
            after.push_async_callback(bad.stop)
            await bad.start()
            words = (str(settings.data), settings.service_secret, f"http://127.0.0.1:{house.port}")
            node = await Program.start(sys.executable, "-c", NODE, *words, bad.host)
            after.push_async_callback(node.stop)
            words = (sys.executable, "-m", "tests.mediation.media.far_client")
            client = await Program.start(*bad.into, *words)
            after.push_async_callback(client.stop)
            sent = await hour(house, client, bad, film)
        assert ENOUGH_SOUND * sent <= sound_in(film) <= sent + DEAD
        assert pictures_in(film) >= sent // 10

    web_house(story)
