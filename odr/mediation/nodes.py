"""What the media nodes say, as it is kept in the rows; it does not know sockets or how nodes are reached."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from odr import audit
from odr.mediation.media_port import Order
from odr.mediation.models import NodeEvent, Note, Seat
from odr.mediation.models import Session as Sitting
from odr.mediation.scene import ADJOURNED, CLOSED, OPEN
from odr.mediation.sittings import room_orders

NODE_LABEL = "media"
LOST = "node-lost"


@dataclass(frozen=True, slots=True)
class Happening:
    """One numbered event of one node about one room."""

    node: str
    room: str
    epoch: int
    seq: int
    type: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Happening":
        """From the wire; missing parts are empty."""
        body = raw.get("body")
        return cls(
            node=str(raw.get("node", "")),
            room=str(raw.get("room", "")),
            epoch=int(raw.get("epoch", 0)),
            seq=int(raw.get("seq", 0)),
            type=str(raw.get("type", "")),
            body=body if isinstance(body, Mapping) else {},
        )


@dataclass(frozen=True, slots=True)
class Orphan:
    """A room without a node: what it takes to open it elsewhere."""

    sitting_id: UUID
    room: str
    epoch: int
    orders: tuple[Order, ...]


def load(rooms: int, capacity: int, busy: float) -> float:
    """How full a node is, 1 is full: by its rooms, or by the core it uses (``busy`` from 0 to 1)."""
    return max(rooms / max(capacity, 1), min(max(busy, 0.0), 1.0))


def place(session: Session, room: str, epoch: int, node: str) -> bool:
    """Give a room to a node under the next epoch; False when someone else was faster."""
    statement = (
        update(Sitting)
        .where(Sitting.room == room, Sitting.epoch == epoch)
        .values(node=node, epoch=epoch + 1)
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def sitting_id_of(session: Session, room: str, epoch: int) -> UUID | None:
    """Which sitting lives in that room; None when the epoch is over."""
    query = select(Sitting.id).where(Sitting.room == room, Sitting.epoch <= epoch)
    return session.scalar(query)


def reconcile(
    session: Session, node: str, rooms: Mapping[str, int], now: datetime
) -> tuple[list[str], list[UUID]]:
    """A node has registered with its live rooms (room -> epoch).

    Returns the rooms that are rightly its own and the sittings whose room it has lost.
    """
    if not rooms:  # a fresh start counts its events from one again
        stored = session.get(NodeEvent, node)
        if stored is not None:
            stored.seq = 0
    kept, lost = [], []
    query = select(Sitting).where(Sitting.node == node, Sitting.status != CLOSED)
    for sitting in session.scalars(query):
        if rooms.get(sitting.room) == sitting.epoch:
            kept.append(sitting.room)
        else:
            _lose(session, sitting, now)
            lost.append(sitting.id)
    return kept, lost


def lose(session: Session, node: str, now: datetime) -> list[UUID]:
    """A node is gone: its rooms have no picture until another opens them. Returns their sittings."""
    query = select(Sitting).where(Sitting.node == node, Sitting.status != CLOSED)
    found = list(session.scalars(query))
    for sitting in found:
        _lose(session, sitting, now)
    return [sitting.id for sitting in found]


def _lose(session: Session, sitting: Sitting, now: datetime) -> None:
    for seat in sitting.seats:
        seat.connected = False
    body = {"sitting": str(sitting.id), "node": sitting.node, "epoch": sitting.epoch}
    fact = audit.Fact("media:lost", audit.Actor(f"node:{sitting.node}"), now, sitting.case_id, body)
    audit.record(session, fact)
    sitting.node = None
    sitting.version += 1
    session.add(_gap(sitting, LOST, now))


def _gap(sitting: Sitting, why: str, now: datetime) -> Note:
    return Note(
        session_id=sitting.id,
        kind="gap",
        by_label=NODE_LABEL,
        text=why,
        at=now,
        t_ms=sitting.recorded_ms,
    )


def absent(session: Session, connected: Collection[str]) -> list[str]:
    """Nodes that hold rooms in the rows and are not connected."""
    query = select(Sitting.node).where(Sitting.node.is_not(None), Sitting.status != CLOSED)
    return sorted({name for name in session.scalars(query) if name and name not in connected})


def orphans(session: Session) -> list[Orphan]:
    """All rooms that were open once and have no node now."""
    query = select(Sitting).where(
        Sitting.node.is_(None), Sitting.epoch > 0, Sitting.status != CLOSED
    )
    return [
        Orphan(sitting.id, sitting.room, sitting.epoch, tuple(room_orders(sitting)))
        for sitting in session.scalars(query)
    ]


def recovered(session: Session, sitting_id: UUID, opened: Mapping[str, Any], now: datetime) -> None:
    """A room lives again: say so in the rows and the audit."""
    sitting = session.get(Sitting, sitting_id)
    if sitting is None:
        return
    sitting.head = str(opened.get("head", sitting.head))
    sitting.head_seq = int(opened.get("seq", sitting.head_seq))
    sitting.version += 1
    body = {"sitting": str(sitting.id), "node": sitting.node, "epoch": sitting.epoch}
    actor = audit.Actor(f"node:{sitting.node}")
    audit.record(session, audit.Fact("media:recovered", actor, now, sitting.case_id, body))


def forget(session: Session, room: str, epoch: int) -> None:
    """An opening elsewhere has failed: the room is an orphan again."""
    statement = (
        update(Sitting).where(Sitting.room == room, Sitting.epoch == epoch).values(node=None)
    )
    session.execute(statement)


def store(session: Session, event: Happening, now: datetime) -> UUID | None:
    """Keep one event before it is acknowledged; the sitting it changed, or None.

    An event seen before and one from an epoch that is over change nothing.
    """
    if not _is_new(session, event, now):
        return None
    sitting = session.scalar(select(Sitting).where(Sitting.room == event.room))
    if sitting is None or event.epoch < sitting.epoch or sitting.status == CLOSED:
        return None
    keep = _KEEPERS.get(event.type)
    if keep is None:
        return None
    if not keep(session, sitting, event, now):
        return None
    sitting.version += 1
    return sitting.id


def _is_new(session: Session, event: Happening, now: datetime) -> bool:
    row = session.get(NodeEvent, event.node)
    if row is None:
        session.add(NodeEvent(node=event.node, seq=event.seq, at=now))
        return True
    if event.seq <= row.seq:
        return False
    row.seq, row.at = event.seq, now
    return True


def _seat(sitting: Sitting, event: Happening) -> Seat | None:
    """The seat, if the event speaks of its newest connection."""
    for seat in sitting.seats:
        newest = int(event.body.get("seat_epoch", seat.epoch)) >= seat.epoch
        if seat.key == event.body.get("seat") and newest:
            return seat
    return None


def _connected(_session: Session, sitting: Sitting, event: Happening, _now: datetime) -> bool:
    seat = _seat(sitting, event)
    if seat is not None:
        seat.connected = True
    return seat is not None


def _seat_lost(_session: Session, sitting: Sitting, event: Happening, _now: datetime) -> bool:
    seat = _seat(sitting, event)
    if seat is not None:
        seat.connected = False
    return seat is not None


def _recording(_session: Session, sitting: Sitting, event: Happening, _now: datetime) -> bool:
    """Numbers come every second and are told as they are; only the first byte turns on the light."""
    body, dark = event.body, not sitting.bytes_on_disk
    sitting.bytes_on_disk = int(body.get("bytes_on_disk", sitting.bytes_on_disk))
    sitting.recorded_ms = int(body.get("t_ms", sitting.recorded_ms))
    sitting.head = str(body.get("head", sitting.head))
    sitting.head_seq = int(body.get("head_seq", sitting.head_seq))
    return dark and sitting.bytes_on_disk > 0


def _quality(_session: Session, sitting: Sitting, event: Happening, _now: datetime) -> bool:
    """Only another word is worth a new state."""
    before = [seat.quality for seat in sitting.seats]
    for seat in sitting.seats:
        told = event.body.get(seat.key)
        if isinstance(told, Mapping):
            seat.quality = str(told.get("word", ""))[:10]
    return before != [seat.quality for seat in sitting.seats]


def _noted(session: Session, sitting: Sitting, event: Happening, now: datetime) -> bool:
    session.add(_gap(sitting, str(event.body.get("why", event.type)), now))
    return True


def _disk_low(session: Session, sitting: Sitting, event: Happening, now: datetime) -> bool:
    """The node has stopped writing before the disk was full: the session is adjourned."""
    if sitting.status == OPEN:
        sitting.status = ADJOURNED
    return _noted(session, sitting, event, now)


_KEEPERS: dict[str, Callable[[Session, Sitting, Happening, datetime], bool]] = {
    "seat-connected": _connected,
    "seat-lost": _seat_lost,
    "recording": _recording,
    "quality": _quality,
    "gap": _noted,
    "disk-low": _disk_low,
}
