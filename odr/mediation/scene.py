"""What every verb of the room finds on the table: the rows, the tools, the moment; it knows no verb."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from odr import audit
from odr.cases.models import Case
from odr.errors import NotFound, Refused
from odr.identity.context import Ctx
from odr.mediation.media_port import Media
from odr.mediation.models import Seat
from odr.mediation.models import Session as Sitting
from odr.mediation.room import PARTIES, Names
from odr.settlement.authority import Authority

WAITING, OPEN, ADJOURNED, CLOSED = "waiting", "open", "adjourned", "closed"


@dataclass(frozen=True)
class Bench:
    """The tools of the room, laid out once per request; ``ctx.now`` is the moment of the act."""

    ctx: Ctx
    media: Media
    authority: Authority
    files_dir: Path
    public_url: str
    names: Names


@dataclass(frozen=True)
class Scene:
    """One sitting as one person in it sees it, inside one transaction."""

    session: Session
    bench: Bench
    sitting: Sitting
    seat: Seat
    case: Case

    @property
    def now(self) -> datetime:
        """The moment of the act, aware."""
        return self.bench.ctx.now

    def chair(self, key: str) -> Seat:
        """The seat of that key; Refused when the room has none."""
        for seat in self.sitting.seats:
            if seat.key == key:
                return seat
        raise Refused("mediation.no-such-seat")

    def party_chair(self, key: str) -> Seat:
        """The seat of that key if a party sits there; Refused otherwise."""
        seat = self.chair(key)
        if seat.role not in PARTIES:
            raise Refused("mediation.not-a-party")
        return seat

    def require(self, *statuses: str) -> None:
        """Refused when the sitting is not in one of these states; the sentence says what it is."""
        if self.sitting.status not in statuses:
            raise Refused(f"mediation.is-{self.sitting.status}")

    def changed(self) -> None:
        """Number the new state, so that pages throw older ones away."""
        self.sitting.version += 1

    def record(self, action: str, **body: object) -> None:
        """Put the act into the audit; ids and keys only."""
        actor = audit.SYSTEM
        if self.seat.person_id is not None:
            actor = audit.Actor.person(self.seat.person_id)
        body = {"sitting": str(self.sitting.id), **body}
        audit.record(self.session, audit.Fact(action, actor, self.now, self.case.id, body))


@dataclass(frozen=True, slots=True)
class Ref:
    """Which sitting and seat an act comes from, and which person claims to sit there."""

    sitting_id: UUID
    seat: str
    person_id: UUID


def scene_of(session: Session, bench: Bench, ref: Ref) -> Scene:
    """Load the scene; NotFound when the seat is not this person's (any more)."""
    sitting = session.get(Sitting, ref.sitting_id)
    case = session.get(Case, sitting.case_id) if sitting else None
    if sitting is None or case is None:
        raise NotFound
    for seat in sitting.seats:
        if seat.key == ref.seat and seat.person_id == ref.person_id:
            return Scene(session, bench, sitting, seat, case)
    raise NotFound


def party_seats(sitting: Sitting) -> list[Seat]:
    """The seats of the parties in the order of the table."""
    return [seat for seat in sitting.seats if seat.role in PARTIES]


def moment(results: list[dict[str, Any]]) -> int:
    """Where in the film the last command landed, in milliseconds; 0 when nothing was marked."""
    return int(results[-1].get("t_ms", 0)) if results else 0


def anchor(result: Mapping[str, Any]) -> dict[str, Any]:
    """The film's answer to a mark, as it is kept beside the row: hash, number and milliseconds."""
    return {name: result.get(name) for name in ("hash", "seq", "t_ms")}
