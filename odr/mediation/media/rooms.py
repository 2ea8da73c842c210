"""The rooms of one node and the commands about them; it does not know sockets.

A command is done once per ``cmd_id``, however often it is sent; a command of an older epoch is refused.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from odr.errors import OdrError, Refused
from odr.mediation.media.apart import Apart
from odr.mediation.media.ground import Ground
from odr.mediation.media.room import Room

logger = logging.getLogger(__name__)

REMEMBERED = 200  # answers kept for commands that are asked again; the web asks within seconds
ROOM = re.compile(r"[A-Za-z0-9_-]{1,64}")
Json = dict[str, Any]


class Rooms:
    """All rooms that live here."""

    def __init__(self, ground: Ground) -> None:
        """No room is open."""
        self._ground = ground
        self._rooms: dict[str, Room] = {}
        self._opening = asyncio.Lock()
        self._answers: OrderedDict[str, asyncio.Task[Json]] = OrderedDict()

    def listed(self) -> list[Json]:
        """What the node tells of its rooms when it registers."""
        return [
            {
                "room": room.name,
                "epoch": room.epoch,
                "recording": not room.recorder.paused,
                "head_seq": room.recorder.seq,
                "head": room.recorder.head,
            }
            for room in self.living()
        ]

    def living(self) -> list[Room]:
        """The rooms that live here now."""
        return [room for room in list(self._rooms.values()) if not room.over]

    async def keep_only(self, names: Collection[str]) -> None:
        """The web says which rooms are rightly ours: another node has the others, we let go of them."""
        for name in [room.name for room in self.living() if room.name not in names]:
            logger.warning("room %s lives on another node now", name)
            await self._rooms.pop(name).abandon()

    async def command(self, body: object) -> Json:
        """Do one command of the web, or tell again what became of it."""
        if not isinstance(body, dict) or not isinstance(body.get("cmd_id"), str):
            return {"ok": False, "error": "media.bad-command", "values": {}}
        known = self._answers.get(body["cmd_id"])
        if known is None:
            known = asyncio.ensure_future(self._answer(body))
            self._answers[body["cmd_id"]] = known
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return await asyncio.shield(known)

    async def _answer(self, body: Mapping[str, Any]) -> Json:
        try:
            result = await self._do(body)
        except OdrError as error:
            logger.info("room %s: %s refused: %s", body.get("room"), body.get("op"), error.key)
            values = {name: str(value) for name, value in error.values.items()}
            return {"ok": False, "error": error.key, "values": values}
        except OSError:
            logger.exception("room %s: %s failed on the disk", body.get("room"), body.get("op"))
            return {"ok": False, "error": "media.disk-full", "values": {}}
        except Exception:  # one command must not end the node
            logger.exception("room %s: %s failed", body.get("room"), body.get("op"))
            return {"ok": False, "error": "media.internal", "values": {}}
        return {"ok": True, "result": result}

    async def _do(self, body: Mapping[str, Any]) -> Json:
        name, epoch, op, args = (body.get(key) for key in ("room", "epoch", "op", "args"))
        args = {} if args is None else args
        good = isinstance(name, str) and ROOM.fullmatch(name) and isinstance(epoch, int)
        if not good or not isinstance(args, dict):
            raise Refused("media.bad-command")
        if op == "open":
            return await self._open(str(name), int(str(epoch)), args)
        room = self._rooms.get(str(name))
        if room is None or room.over:
            raise Refused("media.no-room")
        if int(str(epoch)) < room.epoch:
            raise Refused("media.stale-epoch")
        handler = _HANDLERS.get(str(op))
        if handler is None:
            raise Refused("media.bad-command")
        result = await handler(room, args)
        if op == "close":
            self._rooms.pop(str(name), None)
        return result

    async def _open(self, name: str, epoch: int, args: Json) -> Json:
        meta = args.get("meta")
        if not isinstance(meta, dict):
            raise Refused("media.bad-command")
        async with self._opening:
            room = self._rooms.get(name)
            if room is None or room.over:
                self._check_disk(name, meta)
                room = await Room.opened(self._ground, name, epoch, meta)
                self._rooms[name] = room
            elif epoch < room.epoch:
                raise Refused("media.stale-epoch")
            else:
                room.renew(epoch, meta)
        return {**room.place(), "recovered": room.recorder.recovered}

    def _check_disk(self, name: str, meta: Json) -> None:
        """A new recording needs room; one that was begun is taken over and stops by itself."""
        ground = self._ground
        new = meta.get("recording", True) and not (ground.folder / name).exists()
        if new and ground.full():
            raise Refused("media.disk-low", reserve=ground.reserve_mb)

    async def stop(self) -> None:
        """Put down all rooms without sealing them."""
        for room in self._rooms.values():
            await room.abandon()
        self._rooms.clear()


async def _attach(room: Room, args: Json) -> Json:
    return await room.attach(args)


async def _detach(room: Room, args: Json) -> Json:
    room.detach(str(args.get("seat", "")))
    return {}


async def _mark(room: Room, args: Json) -> Json:
    kind, body = str(args.get("kind", "")), args.get("body")
    if not kind or not isinstance(body, dict):
        raise Refused("media.bad-command")
    return await room.mark(kind, body)


async def _snapshot(room: Room, args: Json) -> Json:
    return await room.snapshot(str(args.get("seat", "")))


async def _pause(room: Room, args: Json) -> Json:
    return await room.pause(str(args.get("why", "paused"))[:40])


async def _resume(room: Room, _args: Json) -> Json:
    return await room.resume()


async def _caucus(room: Room, args: Json) -> Json:
    return await room.caucus(Apart.read(args))


async def _close(room: Room, _args: Json) -> Json:
    return await room.close()


async def _status(room: Room, _args: Json) -> Json:
    return room.status()


_HANDLERS: dict[str, Callable[[Room, Json], Awaitable[Json]]] = {
    "attach": _attach,
    "detach": _detach,
    "mark": _mark,
    "snapshot": _snapshot,
    "pause": _pause,
    "resume": _resume,
    "caucus": _caucus,
    "close": _close,
    "status": _status,
}
