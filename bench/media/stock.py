"""Stock aiortc as a server under test, on both cores because one does not do; it knows no other server."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from bench.media.client import Client
from bench.media.janus import free_port
from bench.media.material import VIDEO_BPS
from bench.media.processes import LOAD_CORE, SERVER_CORE, Process
from bench.media.pump import Pump, Seat

START_SECONDS = 20.0
OTHERS = 2


class Stock:
    """MediaRelay without a recording: it decodes everything and encodes it for every receiver."""

    name, matched = "stock", False
    rate = VIDEO_BPS  # its encoders go by this; so that they make no more than they were given

    def __init__(self, host: str) -> None:
        self._host = host
        self._temporary = tempfile.TemporaryDirectory(prefix="stock-bench-")
        self._seated: list[Seat] = []
        self._url = ""
        self.process: Process

    async def start(self) -> None:
        """Start it and wait until it listens."""
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "bench.media.stock_server", self._host, str(port)]
        cores = frozenset({SERVER_CORE, LOAD_CORE})
        self.process = Process(command, Path(self._temporary.name) / "words.txt", cores=cores)
        self._http = aiohttp.ClientSession()
        end = asyncio.get_running_loop().time() + START_SECONDS
        while True:
            try:
                async with self._http.get(self._url):
                    return
            except aiohttp.ClientError:
                if asyncio.get_running_loop().time() > end:
                    raise RuntimeError("stock aiortc does not listen") from None
                await asyncio.sleep(0.1)

    async def open(self, _room: str) -> None:
        """There is one room."""

    async def join(self, pump: Pump, seat: Seat) -> list[Client]:
        """A participant publishes."""
        client = Client()
        await client.answered(await self._post("publish", seat, await client.offer(0)))
        pump.add(seat)
        pump.plug(seat, await client.wire())
        self._seated.append(seat)
        return [client]

    async def settle(self, pump: Pump) -> list[Client]:
        """Everybody subscribes to the others."""
        clients = []
        for seat in self._seated:
            client = Client()
            offer = await client.offer(OTHERS, sends=False)
            await client.answered(await self._post("subscribe", seat, offer))
            pump.plug(seat, await client.wire(sends=False))
            clients.append(client)
        return clients

    async def _post(self, what: str, seat: Seat, sdp: str) -> str:
        body: dict[str, Any] = {"number": seat.number, "sdp": sdp}
        async with self._http.post(f"{self._url}/{what}", json=body) as answer:
            return str((await answer.json())["sdp"])

    def bytes_on_disk(self) -> int:
        """Nothing is recorded."""
        return 0

    async def stop(self) -> None:
        """End it."""
        await self._http.close()
        await asyncio.to_thread(self.process.stop)
        self._temporary.cleanup()
