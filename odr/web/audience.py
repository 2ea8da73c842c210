"""Who listens on which socket in which room, and how they are told; it does not know what is told or why."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app
from flask_socketio import SocketIO

from odr.db import reading
from odr.errors import NotFound
from odr.mediation import service as mediation
from odr.mediation.room import Names
from odr.web.house import House, ctx, house

ROOM = "/room"

# 256 kB: an offer with five receive slots is some 60 kB; anything larger closes the socket.
socketio = SocketIO(
    async_mode="threading",
    max_http_buffer_size=65536 * 4,
    ping_interval=10,
    ping_timeout=5,
    manage_session=False,
)


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket: where its person sits and which language she reads."""

    sid: str
    ref: mediation.Ref
    language: str


class Audience:
    """All sockets of this process by sitting and seat; the newest of a seat is the one that counts."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._by_sid: dict[str, Listener] = {}
        self._lock = threading.Lock()

    def join(self, listener: Listener) -> Listener | None:
        """Take the seat; the listener who had it before, if any."""
        with self._lock:
            before = self._on(listener.ref.sitting_id, listener.ref.seat)
            if before is not None:
                del self._by_sid[before.sid]
            self._by_sid[listener.sid] = listener
            return before

    def leave(self, sid: str) -> Listener | None:
        """Forget a socket; None when another had taken its seat already."""
        with self._lock:
            return self._by_sid.pop(sid, None)

    def of(self, sid: str) -> Listener | None:
        """The listener on that socket."""
        with self._lock:
            return self._by_sid.get(sid)

    def within(self, sitting_id: UUID) -> list[Listener]:
        """All listeners of one sitting."""
        with self._lock:
            return [one for one in self._by_sid.values() if one.ref.sitting_id == sitting_id]

    def _on(self, sitting_id: UUID, seat: str) -> Listener | None:
        for one in self._by_sid.values():
            if one.ref.sitting_id == sitting_id and one.ref.seat == seat:
                return one
        return None


def audience() -> Audience:
    """The listeners of the current application."""
    found: Audience = current_app.extensions["odr-audience"]
    return found


def names_of(installation: House) -> Names:
    """How this installation calls itself in the room."""
    settings = installation.settings
    return Names(
        organisation=settings.organisation,
        court=settings.court,
        helpline=settings.helpline,
        retention_days=settings.retention_days,
    )


def bench() -> mediation.Bench:
    """The tools of the room for the present request or message."""
    installation = house()
    return mediation.Bench(
        ctx=ctx(),
        media=current_app.extensions["odr-media"],
        authority=installation.gateways.authority,
        files_dir=installation.settings.files_dir,
        public_url=installation.settings.public_url,
        names=names_of(installation),
    )


def state_for(ref: mediation.Ref, language: str) -> dict[str, Any]:
    """The whole state as one seat sees it; NotFound when the seat is no longer hers."""
    tools = bench()
    with reading() as session:
        scene = mediation.scene_of(session, tools, ref)
        return mediation.state(session, scene.sitting, scene.seat, language, tools.names)


def broadcast(sitting_id: UUID) -> None:
    """Everyone in a sitting gets the state that is theirs to see."""
    for listener in audience().within(sitting_id):
        try:
            seen = state_for(listener.ref, listener.language)
        except NotFound:
            continue  # the seat has just been given to someone else
        socketio.emit("state", seen, to=listener.sid, namespace=ROOM)


def tell(sitting_id: UUID, event: str, body: Mapping[str, Any], *, seat: str | None = None) -> None:
    """Say something to everyone in a sitting, or to one seat."""
    for listener in audience().within(sitting_id):
        if seat is None or listener.ref.seat == seat:
            socketio.emit(event, dict(body), to=listener.sid, namespace=ROOM)
