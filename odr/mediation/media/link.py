"""The node's line to the web: it dials, registers, hears commands and tells events; it knows no room.

Events are numbered and sent in order, each again until it is acknowledged. Rooms do not wait for it.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from odr import clock
from odr.mediation.wire import service_token

logger = logging.getLogger(__name__)

NAMESPACE = "/media"
VERSION = 1
ACK_SECONDS = 5.0
BEAT_SECONDS = 1.0
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
MOST_WAITING = 5000
ONLY_LAST = frozenset({"recording", "quality", "speaker", "slots"})
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the node is, where it dials and what it can carry."""

    id: str
    url: str
    secret: str
    capacity: int = 40


class Link:
    """One Socket.IO client that dials for as long as it runs."""

    def __init__(
        self,
        identity: Identity,
        command: Callable[[object], Awaitable[Json]],
        rooms: Callable[[], list[Json]],
        keep_only: Callable[[Collection[str]], Awaitable[None]],
    ) -> None:
        """``command`` does a command; ``rooms`` lists what lives here, ``keep_only`` hears what may."""
        self._identity = identity
        self._command = command
        self._rooms = rooms
        self._keep_only = keep_only
        self._seq = 0
        self._waiting: deque[Json] = deque()
        self._news = asyncio.Event()
        self._registered = asyncio.Event()
        self._http = aiohttp.ClientSession()
        self._client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=self._http
        )
        self._client.on("command", command, namespace=NAMESPACE)

    def tell(self, room: str, epoch: int, kind: str, body: Json) -> None:
        """Say something to the web, now or when it is there again."""
        self._seq += 1
        event = {"node": self._identity.id, "room": room, "epoch": epoch, "type": kind}
        event |= {"seq": self._seq, "body": body}
        if kind in ONLY_LAST and not self._registered.is_set():
            stale = [e for e in self._waiting if (e["room"], e["type"]) == (room, kind)]
            for old in stale:
                self._waiting.remove(old)
        self._waiting.append(event)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
        self._news.set()

    async def run(self) -> None:
        """Dial, register, serve; again and again until cancelled."""
        speaking = asyncio.ensure_future(self._speak())
        beating = asyncio.ensure_future(self._beat())
        tries = 0
        try:
            while True:
                if await self._dial():
                    tries = 0
                    await asyncio.shield(self._client.wait())  # it would swallow our end
                    logger.warning("node %s: the web is away", self._identity.id)
                self._registered.clear()
                await asyncio.sleep(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)])
                tries += 1
        finally:
            speaking.cancel()
            beating.cancel()
            try:
                with suppress(SocketIOError, OSError):
                    await self._client.disconnect()
            finally:
                await self._http.close()

    async def _dial(self) -> bool:
        one = self._identity
        token = service_token(one.secret, one.id, clock.now())
        try:
            await self._client.connect(
                one.url,
                auth={"token": token},
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=5,
            )
            body = {"id": one.id, "capacity": one.capacity, "version": VERSION}
            answer = await self._call("register", {**body, "rooms": self._rooms()})
        except (SocketIOError, OSError, ValueError) as error:
            logger.debug("node %s: the web does not answer: %s", one.id, error)
            answer = None
        if not isinstance(answer, dict) or not answer.get("ok"):
            with suppress(SocketIOError, OSError):
                await self._client.disconnect()
            return False
        logger.info("node %s registered", one.id)
        if isinstance(answer.get("rooms"), list):
            await self._keep_only({str(room) for room in answer["rooms"]})
        self._registered.set()
        return True

    async def _call(self, event: str, body: Json) -> object:
        return await self._client.call(event, body, namespace=NAMESPACE, timeout=ACK_SECONDS)

    async def _beat(self) -> None:
        """Say every second that we live, and how busy we are; who is silent is taken for dead."""
        used, at = time.process_time(), time.monotonic()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            before, since = used, at
            used, at = time.process_time(), time.monotonic()
            if self._registered.is_set():
                body = {"busy": round((used - before) / (at - since), 3)}
                with suppress(SocketIOError, OSError):
                    await self._client.emit("beat", body, namespace=NAMESPACE)

    async def _speak(self) -> None:
        while True:
            await self._registered.wait()
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
                continue
            event = self._waiting[0]
            try:
                answer = await self._call("event", event)
            except (SocketIOError, OSError) as error:
                logger.debug("event %d is not acknowledged: %s", event["seq"], error)
                await asyncio.sleep(BACKOFF_S[0])
                continue
            if isinstance(answer, dict) and not answer.get("ok"):
                logger.warning("event %d refused: %s", event["seq"], answer.get("error"))
            if self._waiting and self._waiting[0] is event:
                self._waiting.popleft()
