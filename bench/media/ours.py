"""The house's own media node as a server under test: a real ``odr media`` and a web of three answers."""

import asyncio
import itertools
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

from bench.media.client import Client
from bench.media.processes import Process
from bench.media.pump import Pump, Seat

NAMESPACE = "/media"
START_SECONDS = 30.0
CALL_SECONDS = 30.0
SLOTS = 2
Json = dict[str, Any]


class Control:
    """The web as a node sees it: takes one node, acknowledges what it says, gives it commands."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncServer(async_mode="aiohttp", monitor_clients=False)
        for event, handler in (("register", self._register), ("event", self._event)):
            self.sio.on(event, handler, namespace=NAMESPACE)
        self.sio.on("connect", _welcome, namespace=NAMESPACE)
        self._ids = itertools.count()
        self._sid = ""
        self.registered = asyncio.Event()
        self.events = 0
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        app = web.Application()
        self.sio.attach(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr] # noqa: SLF001
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Hang up."""
        await self._runner.cleanup()

    async def _register(self, sid: str, _body: Json) -> Json:
        self._sid = sid
        self.registered.set()
        return {"ok": True}

    async def _event(self, _sid: str, _body: Json) -> Json:
        self.events += 1
        return {"ok": True}

    async def ok(self, room: str, op: str, **args: object) -> Json:
        """Do a command; RuntimeError when the node refuses it."""
        body = {"cmd_id": f"c{next(self._ids)}", "room": room, "epoch": 1, "op": op, "args": args}
        call = self.sio.call
        answer = await call(
            "command", body, to=self._sid, namespace=NAMESPACE, timeout=CALL_SECONDS
        )
        if not answer["ok"]:
            raise RuntimeError(f"{op} in {room} was refused: {answer['error']}")
        result: Json = answer["result"]
        return result


async def _welcome(_sid: str, _environ: object, _auth: object) -> None:
    return


class Ours:
    """``odr media`` with everything on: recording to disk, manifest, RTCP."""

    name, matched = "ours", True

    def __init__(self, host: str, engine: str) -> None:
        self._host, self._wish = host, engine
        self._folder = tempfile.TemporaryDirectory(prefix="odr-bench-")
        self._epochs = itertools.count(1)
        self.control = Control()
        self.process: Process

    @property
    def engine(self) -> str:
        """Which engine runs, as the node itself said."""
        found = re.search(r"by the engine (\w+)", self.process.said())
        return found[1] if found else "hook"

    @property
    def data(self) -> Path:
        """Where its recordings are."""
        return Path(self._folder.name)

    async def start(self) -> None:
        """Start the node and wait until it has dialled."""
        await self.control.start()
        env = {"ODR_MEDIA_HOST": self._host, "ODR_DISK_RESERVE_MB": "1"}
        if self._wish:
            env["ODR_MEDIA_ENGINE"] = self._wish
        odr = str(Path(sys.executable).parent / "odr")
        command = [odr, "media", "--data", str(self.data), "--web-url", self.control.url]
        self.process = Process(command, self.data / "words.txt", env)
        try:
            await asyncio.wait_for(self.control.registered.wait(), START_SECONDS)
        except TimeoutError:
            raise RuntimeError(f"odr media did not come:\n{self.process.said()[-2000:]}") from None

    async def open(self, room: str) -> None:
        """A room that is recorded."""
        seats = [{"seat": f"s{n}", "label": f"s{n}"} for n in range(SLOTS + 1)]
        meta = {"session": room, "recording": True, "seats": seats}
        await self.control.ok(room, "open", meta=meta)

    async def join(self, pump: Pump, seat: Seat) -> list[Client]:
        """One participant with one connection."""
        client = Client()
        offer = await client.offer(SLOTS)
        args = {"seat": f"s{seat.number}", "seat_epoch": next(self._epochs), "sdp": offer}
        answer = await self.control.ok(seat.room, "attach", **args)
        await client.answered(answer["sdp"])
        pump.add(seat)
        pump.plug(seat, await client.wire())
        return [client]

    async def settle(self, _pump: Pump) -> list[Client]:
        """Nothing more is needed: the slots fill by themselves."""
        return []

    async def leave(self, seat: Seat) -> None:
        """The web takes a seat off."""
        await self.control.ok(seat.room, "detach", seat=f"s{seat.number}")

    async def close(self, room: str) -> None:
        """The session is over and the recording is sealed."""
        await self.control.ok(room, "close")

    def bytes_on_disk(self) -> int:
        """What is recorded so far."""
        return sum(one.stat().st_size for one in self.data.rglob("recordings/*/*") if one.is_file())

    async def stop(self) -> None:
        """End it and throw its films away."""
        await asyncio.to_thread(self.process.stop)
        await self.control.stop()
        self._folder.cleanup()
