"""The door for media nodes: registration, commands, events, taking over from a lost node.

Nodes dial in with a service token; nothing here opens a connection to them. It does not know what is
in the pictures, nor what a command means to the mediation.
"""

import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, current_app, request
from flask_socketio import Namespace, disconnect
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from odr import clock, sentences
from odr.db import reading, transaction
from odr.errors import OdrError, Refused, Unavailable
from odr.mediation import nodes as kept
from odr.mediation import wire
from odr.mediation.media_port import Order
from odr.mediation.nodes import Happening, Orphan
from odr.web.audience import broadcast, socketio, tell
from odr.web.house import house

logger = logging.getLogger(__name__)

MEDIA = "/media"
ACK_SECONDS = 5.0
GRACE_SECONDS = 10.0
LOOK_SECONDS = 0.1
TRIES = 2
SILENT_SECONDS = 3.5  # three beats and a little: within five seconds a room lives elsewhere
WATCH_SECONDS = 0.25
STORE_EVERY = 2.0
LIVE_ONLY = frozenset({"slots", "speaker", "pictures"})
Json = dict[str, Any]


@dataclass(slots=True)
class Node:
    """One connected node."""

    id: str
    sid: str
    capacity: int = 1
    rooms: set[str] = field(default_factory=set)
    heard: float = 0.0
    busy: float = 0.0

    @property
    def load(self) -> float:
        """How full it is: by rooms, or by what it says of its processor, whichever is more."""
        return kept.load(len(self.rooms), self.capacity, self.busy)


class MediaGateway:
    """The port ``Media`` over the nodes that are connected to this process."""

    def __init__(self, app: Flask) -> None:
        """No node has dialled in yet."""
        self.ack_seconds = ACK_SECONDS
        self.grace_seconds = GRACE_SECONDS
        self.silent_seconds = SILENT_SECONDS
        self._born = clock.monotonic()
        self._app = app
        self._nodes: dict[str, Node] = {}
        self._lock = threading.Lock()
        self._recovering = threading.Lock()
        self._stored: dict[str, float] = {}
        self._watching = False
        self._pulse = threading.Event()

    def nodes(self) -> list[str]:
        """The ids of the nodes that are connected now."""
        with self._lock:
            return sorted(self._nodes)

    def command(self, room: str, epoch: int, order: Order) -> Json:
        """Do it on the room's node; ``open`` places the room first."""
        if order.op == "open":
            return self._open(room, epoch, order)
        node = self._holder(room)
        result = self._call(node, room, epoch, order)
        if order.op == "close":
            with self._lock:
                node.rooms.discard(room)
        return result

    def _holder(self, room: str) -> Node:
        with self._lock:
            for node in self._nodes.values():
                if room in node.rooms:
                    return node
        self._recover_soon()
        raise Unavailable("mediation.media-away")

    def _open(self, room: str, epoch: int, order: Order) -> Json:
        """Give the room to the least loaded node, by compare-and-set on its row."""
        with self._lock:
            if not self._nodes:
                raise Unavailable("mediation.media-away")
            node = min(self._nodes.values(), key=lambda one: (one.load, one.id))
            node.rooms.add(room)
        try:
            with transaction() as session:
                if not kept.place(session, room, epoch, node.id):
                    raise Refused("common.changed-meanwhile")
            result = self._call(node, room, epoch + 1, order)
        except OdrError:
            self._displace(node, room, epoch + 1)
            raise
        return {**result, "node": node.id, "epoch": epoch + 1}

    def _displace(self, node: Node, room: str, epoch: int) -> None:
        with self._lock:
            node.rooms.discard(room)
        with transaction() as session:
            kept.forget(session, room, epoch)

    def _call(self, node: Node, room: str, epoch: int, order: Order) -> Json:
        """Ask and wait for the answer; a command that is lost is sent once more with the same id."""
        body = {"cmd_id": uuid4().hex, "room": room, "epoch": epoch}
        body |= {"op": order.op, "args": dict(order.args)}
        for _ in range(TRIES):
            answer = self._ask(node, body)
            if answer is not None:
                return _result(answer)
        logger.warning("node %s does not answer %s", node.id, order.op)
        raise Unavailable("mediation.media-away")

    def _ask(self, node: Node, body: Json) -> Json | None:
        """One question; None when nothing came back in time. Unavailable when the node goes away."""
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        socketio.emit("command", body, to=node.sid, namespace=MEDIA, callback=answers.put)
        deadline = clock.monotonic() + self.ack_seconds
        while clock.monotonic() < deadline:
            try:
                answer = answers.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if not self._connected(node):
                    raise Unavailable("mediation.media-away") from None
                continue
            return answer if isinstance(answer, dict) else {}
        return None

    def _connected(self, node: Node) -> bool:
        with self._lock:
            current = self._nodes.get(node.id)
            return current is not None and current.sid == node.sid

    def register(self, sid: str, body: Mapping[str, Any]) -> list[str]:
        """A node says who it is and which rooms live on it; those that rightly do are returned.

        Orphaned rooms are opened again.
        """
        node = Node(str(body.get("id", "")), sid, int(body.get("capacity", 1) or 1))
        listed = body.get("rooms") or []
        rooms = {str(row["room"]): int(row["epoch"]) for row in listed}
        with transaction() as session:
            own, lost = kept.reconcile(session, node.id, rooms, clock.now())
        node.rooms.update(own)
        node.heard = clock.monotonic()
        with self._lock:
            self._nodes[node.id] = node
            begins, self._watching = not self._watching, True
        if begins:
            socketio.start_background_task(self._watch)
        logger.info("media node %s registered with %d rooms", node.id, len(own))
        for sitting_id in lost:
            broadcast(sitting_id)
        self._recover_soon()
        return own

    def beat(self, sid: str, busy: float) -> None:
        """A node lives; one that is stopped keeps its connection, but says nothing."""
        with self._lock:
            for node in self._nodes.values():
                if node.sid == sid:
                    node.heard, node.busy = clock.monotonic(), busy

    def _watch(self) -> None:
        """Take for dead who has been silent, for as long as any node is here."""
        while True:
            self._pulse.wait(WATCH_SECONDS)
            late = clock.monotonic() - self.silent_seconds
            with self._lock:
                if not self._nodes:
                    self._watching = False
                    return
                silent = [node for node in self._nodes.values() if node.heard < late]
            for node in silent:
                logger.warning("media node %s has been silent", node.id)
                with self._app.app_context():
                    self.gone(node.sid)
                    disconnect(sid=node.sid, namespace=MEDIA)

    def gone(self, sid: str) -> None:
        """A node is lost: nobody is connected until another node has its rooms."""
        with self._lock:
            node = next((one for one in self._nodes.values() if one.sid == sid), None)
            if node is None:
                return
            del self._nodes[node.id]
        logger.warning("media node %s is gone", node.id)
        with transaction() as session:
            lost = kept.lose(session, node.id, clock.now())
        for sitting_id in lost:
            broadcast(sitting_id)
        self._recover_soon()

    def _recover_soon(self) -> None:
        socketio.start_background_task(self._recover)

    def _recover(self) -> None:
        with self._app.app_context(), self._recovering:
            self._give_up_absent()
            with reading() as session:
                waiting = kept.orphans(session) if self.nodes() else []
            for orphan in waiting:
                try:
                    self._recover_room(orphan)
                except OdrError as error:
                    logger.warning("room %s is not recovered: %s", orphan.room, error.key)

    def _give_up_absent(self) -> None:
        """After a restart of the web, nodes have a while to come back with their rooms."""
        if clock.monotonic() - self._born < self.grace_seconds or not self.nodes():
            return
        with transaction() as session:
            for name in kept.absent(session, self.nodes()):
                kept.lose(session, name, clock.now())

    def _recover_room(self, orphan: Orphan) -> None:
        first, *rest = orphan.orders
        opened = self.command(orphan.room, orphan.epoch, first)
        for order in rest:
            self.command(orphan.room, int(opened["epoch"]), order)
        with transaction() as session:
            kept.recovered(session, orphan.sitting_id, opened, clock.now())
        logger.info("room %s recovered on %s", orphan.room, opened["node"])
        tell(orphan.sitting_id, "reattach", {})
        broadcast(orphan.sitting_id)

    def happened(self, raw: Mapping[str, Any]) -> None:
        """Store one event, then tell whom it concerns."""
        event = Happening.read(raw)
        changed: UUID | None = None
        if self._worth_storing(event):
            with transaction() as session:
                changed = kept.store(session, event, clock.now())
        with reading() as session:
            sitting_id = kept.sitting_id_of(session, event.room, event.epoch)
        if sitting_id is not None:
            _relay(sitting_id, event)
        if changed is not None:
            broadcast(changed)

    def _worth_storing(self, event: Happening) -> bool:
        """Numbers that come every second are kept every other second; what only shows, never."""
        if event.type in LIVE_ONLY:
            return False
        if event.type not in ("recording", "quality"):
            return True
        moment, key = clock.monotonic(), f"{event.room}:{event.type}"
        if moment - self._stored.get(key, -STORE_EVERY) < STORE_EVERY:
            return False
        self._stored[key] = moment
        return True


def _result(answer: Json) -> Json:
    if answer.get("ok"):
        result = answer.get("result")
        return dict(result) if isinstance(result, dict) else {}
    key = str(answer.get("error", ""))
    if key not in sentences.catalogue():
        logger.warning("node refused: %s", key)
        raise Refused("mediation.media-refused")
    raise Refused(key, **(answer.get("values") or {}))


def _relay(sitting_id: UUID, event: Happening) -> None:
    """What pages show as it happens."""
    body = dict(event.body)
    if event.type == "slots":
        for seat, slots in body.items():
            tell(sitting_id, "slots", {"slots": slots}, seat=seat)
    elif event.type == "pictures":
        for seat, pictures in body.items():
            tell(sitting_id, "pictures", {"pictures": pictures}, seat=seat)
    elif event.type == "recording":
        shown = {name: body.get(name) for name in ("t_ms", "head", "head_seq")}
        tell(sitting_id, "recording", {"bytes": body.get("bytes_on_disk", 0), **shown})
    elif event.type in ("speaker", "quality"):
        tell(sitting_id, event.type, body)


class MediaNamespace(Namespace):
    """What nodes say; only a service token opens this door."""

    def on_connect(self, auth: Any = None) -> None:  # noqa: ANN401 -- from the wire
        """Refuse whoever does not hold the service secret."""
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            secret = house().settings.service_secret
            wire.check_service_token(secret, str(token or ""), clock.now())
        except OdrError as error:
            logger.warning("a media node was refused: %s", error.key)
            raise SocketRefused({"key": error.key}) from error

    def on_register(self, body: Any = None) -> Json:  # noqa: ANN401 -- from the wire
        """Who the node is and what lives on it."""
        if not isinstance(body, dict) or not body.get("id"):
            return {"ok": False, "error": "mediation.malformed"}
        return {"ok": True, "rooms": _gateway().register(_sid(), body)}

    def on_beat(self, body: Any = None) -> None:  # noqa: ANN401 -- from the wire
        """A node lives."""
        busy = body.get("busy") if isinstance(body, dict) else 0.0
        _gateway().beat(_sid(), float(busy) if isinstance(busy, int | float) else 0.0)

    def on_event(self, raw: Any = None) -> Json:  # noqa: ANN401 -- from the wire
        """One numbered event; acknowledged when it is stored."""
        if not isinstance(raw, dict):
            return {"ok": False, "error": "mediation.malformed"}
        _gateway().happened(raw)
        return {"ok": True}

    def on_disconnect(self, *_reason: object) -> None:
        """A node has gone."""
        _gateway().gone(_sid())


def _gateway() -> MediaGateway:
    found: MediaGateway = current_app.extensions["odr-media"]
    return found


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]
