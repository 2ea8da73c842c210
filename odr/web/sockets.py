"""The room's door for live pages: tickets, acts, attaching; it does not know what an act means.

Socket.IO does not pass Flask's ``before_request``: this module is its own guard.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, request
from flask_socketio import Namespace, disconnect
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from odr import clock
from odr.db import transaction
from odr.errors import NotFound, OdrError, Refused
from odr.identity import tokens
from odr.mediation import service as mediation
from odr.mediation import signaling
from odr.mediation.models import Seat
from odr.mediation.models import Session as Sitting
from odr.mediation.scene import CLOSED
from odr.web.audience import (
    ROOM,
    Audience,
    Listener,
    audience,
    bench,
    broadcast,
    socketio,
    state_for,
    tell,
)
from odr.web.house import House, ctx, house, language
from odr.web.media_socket import MEDIA, MediaGateway, MediaNamespace

__all__ = ["init_sockets", "socketio"]
logger = logging.getLogger(__name__)

TICKET = "room+jwt"
TICKET_SECONDS = 60
MESSAGES_A_SECOND = 20
Json = dict[str, Any]


@dataclass(slots=True)
class Bucket:
    """How many messages one socket may still send; it fills with time, up to one second's worth."""

    left: float = MESSAGES_A_SECOND
    at: float = 0.0

    def take(self, now: float) -> bool:
        """Spend one; False when there is none. ``now`` in seconds that never run backwards."""
        self.left = min(MESSAGES_A_SECOND, self.left + (now - self.at) * MESSAGES_A_SECOND)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def init_sockets(app: Flask) -> None:
    """Open the namespaces of one application; only our own pages may connect."""
    installation: House = app.extensions["odr"]
    app.extensions["odr-audience"] = Audience()
    app.extensions["odr-media"] = MediaGateway(app)
    ours = _own_pages(installation.settings.public_url)
    socketio.init_app(app, cors_allowed_origins=ours)  # type: ignore[arg-type]
    socketio.on_namespace(RoomNamespace(ROOM))
    socketio.on_namespace(MediaNamespace(MEDIA))


def _own_pages(public_url: str) -> Callable[[str, Json], bool]:
    """An Origin is ours when it is the address the page came from, or the public one."""
    parts = urlsplit(public_url)
    public = f"{parts.scheme}://{parts.netloc}"

    def ours(origin: str, environ: Json) -> bool:
        scheme = environ.get("wsgi.url_scheme", "http")
        own = {public, f"{scheme}://{environ.get('HTTP_HOST', '')}"}
        # a client that sends the header twice sends one line with a comma: each part must be ours
        return {part.strip() for part in origin.split(",")} <= own

    return ours


def issue_ticket(seat: Seat, person_id: UUID) -> str:
    """A ticket for one seat: 60 seconds, one use, bound to sitting, person and the seat's epoch."""
    claims = {
        "sub": str(person_id),
        "sitting": str(seat.session_id),
        "seat": seat.key,
        "seat_epoch": seat.epoch,
    }
    keys = house().gateways.keys
    return keys.issue(TICKET, claims, seconds=TICKET_SECONDS, now=ctx().now)


def spend_ticket(ticket: object) -> mediation.Ref:
    """The seat a ticket opens, once; Refused when it is used, late, foreign or overtaken."""
    if not isinstance(ticket, str) or not ticket:
        raise Refused("mediation.no-ticket")
    now = ctx().now
    claims = house().gateways.keys.read(TICKET, ticket, now=now)
    try:
        sitting_id, person_id = UUID(claims["sitting"]), UUID(claims["sub"])
        seat, epoch = str(claims["seat"]), int(claims["seat_epoch"])
    except (KeyError, ValueError, TypeError) as error:
        raise Refused("mediation.no-ticket") from error
    with transaction() as session:
        tokens.spend(session, str(claims["jti"]), now)
        sitting = session.get(Sitting, sitting_id)
        if sitting is None or sitting.status == CLOSED:
            raise Refused("mediation.is-closed")
        if all(row.key != seat or row.epoch != epoch for row in sitting.seats):
            raise Refused("mediation.seat-taken")
    return mediation.Ref(sitting_id, seat, person_id)


class RoomNamespace(Namespace):
    """What pages say to the room; every answer is an acknowledgement."""

    def __init__(self, namespace: str) -> None:
        """Nobody has spoken yet."""
        super().__init__(namespace)
        self._buckets: dict[str, Bucket] = {}

    def on_connect(self, auth: Any = None) -> None:  # noqa: ANN401 -- from the wire
        """Let a ticket in; the older connection of the seat is told and closed."""
        try:
            ref = spend_ticket(auth.get("ticket") if isinstance(auth, dict) else None)
            mediation.arrive(bench(), ref)
        except OdrError as error:
            logger.info("socket refused: %s", error.key)
            answer = {"error": error.sentence(language()), "key": error.key}
            raise SocketRefused(answer) from error
        sid = _sid()
        before = audience().join(Listener(sid, ref, language()))
        self._buckets[sid] = Bucket(at=clock.monotonic())
        if before is not None:
            socketio.emit("kicked", {}, to=before.sid, namespace=ROOM)
            disconnect(before.sid, namespace=ROOM)
        broadcast(ref.sitting_id)

    def on_disconnect(self, *_reason: object) -> None:
        """A page has gone; who was still at the door waits no longer."""
        self._buckets.pop(_sid(), None)
        listener = audience().leave(_sid())
        if listener is None:
            return
        try:
            mediation.leave(bench(), listener.ref)
        except OdrError as error:
            logger.info("leaving: %s", error.key)
        broadcast(listener.ref.sitting_id)

    def on_act(self, message: Any = None) -> Json:  # noqa: ANN401 -- from the wire
        """One act of the protocol."""
        return self._answer(lambda listener: _act(listener, message))

    def on_sync(self, message: Any = None) -> Json:  # noqa: ANN401 -- from the wire
        """The whole state."""
        del message
        return self._answer(lambda listener: _act(listener, {"type": "sync"}))

    def on_attach(self, message: Any = None) -> Json:  # noqa: ANN401 -- from the wire
        """One browser's complete offer."""
        return self._answer(lambda listener: _attach(listener, message))

    def on_detach(self, message: Any = None) -> Json:  # noqa: ANN401 -- from the wire
        """The camera is put away."""
        del message
        return self._answer(_detach)

    def _answer(self, do: Callable[[Listener], Json]) -> Json:
        listener = audience().of(_sid())
        try:
            return {"ok": True, **do(self._heard(listener))}
        except OdrError as error:
            logger.info("act refused: %s", error.key)
            return refusal(error, listener.language if listener else language())
        except Exception:
            # The border of the socket: no traceback reaches a person, the log has it.
            logger.exception("act failed")
            return refusal(Refused("mediation.our-fault"), language())

    def _heard(self, listener: Listener | None) -> Listener:
        """Who speaks; Refused for strangers and for who speaks too fast."""
        if listener is None:
            raise Refused("mediation.not-connected")
        bucket = self._buckets.get(listener.sid)
        if bucket is None or not bucket.take(clock.monotonic()):
            raise Refused("mediation.too-fast")
        return listener


def refusal(error: OdrError, spoken: str) -> Json:
    """A no as pages read it."""
    return {"ok": False, "error": error.sentence(spoken), "key": error.key}


def _act(listener: Listener, message: object) -> Json:
    act = signaling.read(message)
    answer = mediation.perform(bench(), listener.ref, act)
    if act.type == "sync":
        return {"state": state_for(listener.ref, listener.language)}
    if act.type == "mute":
        tell(listener.ref.sitting_id, "mute", {}, seat=answer.get("mute"))
        return answer
    broadcast(listener.ref.sitting_id)
    return answer


def _attach(listener: Listener, message: object) -> Json:
    sdp = message.get("sdp") if isinstance(message, dict) else None
    if not isinstance(sdp, str) or not sdp.startswith("v=0"):
        raise Refused("mediation.malformed", field="sdp")
    answer = mediation.attach(bench(), listener.ref, sdp)
    broadcast(listener.ref.sitting_id)
    return answer


def _detach(listener: Listener) -> Json:
    try:
        mediation.detach(bench(), listener.ref)
    except NotFound:
        return {}
    return {}


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]
