"""Janus as a server under test: its videoroom, recording, with one event loop; it knows no other server."""

import asyncio
import itertools
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from bench.media.client import Client
from bench.media.processes import Process
from bench.media.pump import Pump, Seat

START_SECONDS = 20.0
CALL_SECONDS = 60.0
LIBRARIES = "/usr/lib/*/janus"
Json = dict[str, Any]

CONFIG = """general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  events_folder = "{libraries}/events"
  loggers_folder = "{libraries}/loggers"
  debug_level = 2
  session_timeout = 0
  event_loops = 1
}}
nat: {{ ice_enforce_list = "{host}" }}
media: {{ ipv6 = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
SOCKETS = """general: {{
  json = "compact"
  ws = true
  ws_port = {port}
  ws_ip = "127.0.0.1"
}}
"""


def installed() -> bool:
    """Whether Debian's janus is here."""
    return shutil.which("janus") is not None and _libraries() is not None


def _libraries() -> Path | None:
    return next(Path("/").glob(LIBRARIES.lstrip("/")), None)


class Api:
    """Janus's WebSocket: one session, requests matched to answers by transaction."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._session = 0

    async def start(self) -> None:
        """Dial and open a session."""
        self._http = aiohttp.ClientSession()
        end = asyncio.get_running_loop().time() + START_SECONDS
        while True:
            try:
                self._ws = await self._http.ws_connect(self._url, protocols=["janus-protocol"])
                break
            except aiohttp.ClientError:
                if asyncio.get_running_loop().time() > end:
                    raise RuntimeError("janus does not open its WebSocket") from None
                await asyncio.sleep(0.1)
        self._reader = asyncio.ensure_future(self._read())
        self._session = (await self._call({"janus": "create"}))["data"]["id"]

    async def stop(self) -> None:
        """Hang up."""
        self._reader.cancel()
        await self._ws.close()
        await self._http.close()

    async def _read(self) -> None:
        async for message in self._ws:
            body = message.json()
            waiting = self._waiting.get(body.get("transaction", ""))
            if body["janus"] != "ack" and waiting is not None and not waiting.done():
                waiting.set_result(body)

    async def _call(self, body: Json) -> Json:
        name = f"t{next(self._ids)}"
        self._waiting[name] = asyncio.get_running_loop().create_future()
        if self._session:
            body |= {"session_id": self._session}
        try:
            await self._ws.send_json(body | {"transaction": name})
            answer = await asyncio.wait_for(self._waiting[name], CALL_SECONDS)
        finally:
            del self._waiting[name]
        if answer["janus"] == "error":
            raise RuntimeError(f"janus refused {body['janus']}: {answer['error']}")
        return answer

    async def handle(self) -> int:
        """A new handle on the videoroom."""
        plugin = "janus.plugin.videoroom"
        return int((await self._call({"janus": "attach", "plugin": plugin}))["data"]["id"])

    async def ask(self, handle: int, body: Json, jsep: Json | None = None) -> Json:
        """A request to the videoroom and its answer."""
        message: Json = {"janus": "message", "handle_id": handle, "body": body}
        answer = await self._call(message | ({"jsep": jsep} if jsep else {}))
        data: Json = answer["plugindata"]["data"]
        if "error" in data:
            raise RuntimeError(f"janus refused {body['request']}: {data['error']}")
        return data | {"jsep": answer.get("jsep")}


class Janus:
    """Janus 1.x; each participant publishes on one connection and receives on another."""

    name, matched = "janus", True

    def __init__(self, host: str) -> None:
        self._host = host
        self._temporary = tempfile.TemporaryDirectory(prefix="janus-bench-")
        self._folder = Path(self._temporary.name)
        self.films = self._folder / "films"
        self.process: Process
        self._api: Api
        self._rooms: dict[str, int] = {}
        self._seated: list[Seat] = []
        self._clients: list[Client] = []

    async def start(self) -> None:
        """Start it with a configuration of its own and open a session."""
        libraries = _libraries()
        if libraries is None:
            raise RuntimeError("janus is not installed: apt-get install janus")
        self.films.mkdir()
        port = free_port()
        values = {
            "folder": self._folder,
            "libraries": libraries,
            "host": self._host,
            "plugins": _all_but("videoroom", libraries / "plugins"),
            "transports": _all_but("websockets", libraries / "transports"),
        }
        (self._folder / "janus.jcfg").write_text(CONFIG.format(**values))
        (self._folder / "janus.transport.websockets.jcfg").write_text(SOCKETS.format(port=port))
        (self._folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
        command = ["janus", "-F", str(self._folder)]
        self.process = Process(command, self._folder / "words.txt")
        self._api = Api(f"ws://127.0.0.1:{port}")
        await self._api.start()
        self._control = await self._api.handle()

    async def open(self, room: str) -> None:
        """A room that is recorded."""
        number = self._rooms[room] = 1000 + len(self._rooms)
        about: Json = {"request": "create", "room": number, "publishers": 6, "record": True}
        about |= {"rec_dir": str(self.films), "audiocodec": "opus", "videocodec": "vp8"}
        await self._api.ask(self._control, about)

    async def join(self, pump: Pump, seat: Seat) -> list[Client]:
        """A participant publishes."""
        client, handle = Client(), await self._api.handle()
        body = {"request": "joinandconfigure", "ptype": "publisher", "audio": True, "video": True}
        body |= {"room": self._rooms[seat.room], "id": seat.number + 1}
        answer = await self._api.ask(handle, body, {"type": "offer", "sdp": await client.offer(0)})
        await client.answered(answer["jsep"]["sdp"])
        pump.add(seat)
        self._seated.append(seat)
        pump.plug(seat, await client.wire())
        return [client]

    async def settle(self, pump: Pump) -> list[Client]:
        """Everybody subscribes to the others of the room."""
        turn = asyncio.Semaphore(4)
        seats, self._seated = self._seated, []

        async def one(seat: Seat) -> Client:
            async with turn:
                return await self._subscribe(pump, seat, seats)

        return list(await asyncio.gather(*(one(seat) for seat in seats)))

    async def _subscribe(self, pump: Pump, seat: Seat, seats: list[Seat]) -> Client:
        client, handle = Client(), await self._api.handle()
        others = [one for one in seats if one.room == seat.room and one is not seat]
        body: Json = {"request": "join", "ptype": "subscriber", "room": self._rooms[seat.room]}
        body["streams"] = [{"feed": one.number + 1} for one in others]
        offer = await self._api.ask(handle, body)
        sdp = await client.answer(offer["jsep"]["sdp"])
        await self._api.ask(handle, {"request": "start"}, {"type": "answer", "sdp": sdp})
        pump.plug(seat, await client.wire(sends=False))
        return client

    def bytes_on_disk(self) -> int:
        """What is recorded so far."""
        return sum(one.stat().st_size for one in self.films.iterdir())

    async def stop(self) -> None:
        """End it and throw its films away."""
        await self._api.stop()
        await asyncio.to_thread(self.process.stop)
        self._temporary.cleanup()


def _all_but(wanted: str, folder: Path) -> str:
    names = (one.name for one in folder.glob("libjanus_*.so"))
    return ",".join(name for name in names if wanted not in name)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
