"""The door of the room: seats, waiting, letting in, opening, attaching; it does not know the steps."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit
from odr.cases import access
from odr.cases import service as cases
from odr.cases.models import Case, Hearing
from odr.cases.status import CaseStatus, go
from odr.errors import NotFound, Refused
from odr.identity.models import Person
from odr.identity.rights import Right, Role
from odr.mediation.media_port import Order, mark
from odr.mediation.models import Seat, StepRecord
from odr.mediation.models import Session as Sitting
from odr.mediation.room import CLERK, DESK, MEDIATOR, MOST_SEATS, chairs
from odr.mediation.scene import ADJOURNED, CLOSED, OPEN, WAITING, Scene, party_seats
from odr.mediation.script import CURRENT, Step
from odr.mediation.signaling import Act
from odr.sentences import sentence

AGREES = "agree"
PURPOSES = ("online_mediation", "recording")


def create_sitting(session: Session, case: Case, hearing: Hearing | None, now: datetime) -> Sitting:
    """The sitting of a case, made at scheduling; an unfinished one is kept for the new hour."""
    found = session.scalar(
        select(Sitting).where(Sitting.case_id == case.id, Sitting.status != CLOSED)
    )
    if found is not None:
        found.hearing_id = hearing.id if hearing else found.hearing_id
        return found
    mediator = session.get(Person, case.mediator_id) if case.mediator_id else None
    if mediator is None:
        raise Refused("mediation.no-mediator")
    sitting = Sitting(
        id=uuid4(),
        case_id=case.id,
        hearing_id=hearing.id if hearing else None,
        room=f"room-{uuid4().hex[:16]}",
        status=WAITING,
        script=CURRENT,
        step=Step.IDENTITY_CHECK.value,
    )
    clerk = session.get(Person, case.clerk_id) if case.clerk_id else None
    sitting.seats = _seats(case, mediator, clerk)
    session.add(sitting)
    session.flush()
    body = {"sitting": str(sitting.id), "script": sitting.script}
    audit.record(session, audit.Fact("session:appointed", audit.SYSTEM, now, case.id, body))
    return sitting


def _seats(case: Case, mediator: Person, clerk: Person | None) -> list[Seat]:
    parties = list(case.parties)
    table = chairs(party.side for party in parties)
    if len(table) > MOST_SEATS:
        raise Refused("mediation.too-many-seats", most=MOST_SEATS)
    seats = [Seat(number=chair.number, key=chair.key, role=chair.role) for chair in table]
    for seat, party in zip(seats, parties, strict=False):
        seat.party_id, seat.person_id, seat.label = party.id, party.person_id, party.name
    seats[-2].person_id, seats[-2].label = mediator.id, mediator.name
    # Parties must hear both names to ask for recusal (民事调解规定 art. 3); another clerk may sit in later.
    seats[-1].label = clerk.name if clerk else sentence("mediation.clerk-unnamed")
    return seats


def sitting_for(session: Session, person: Person, sitting_id: UUID, right: Right) -> Sitting:
    """The sitting, through the one door to its case; NotFound for strangers."""
    sitting = session.get(Sitting, sitting_id)
    if sitting is None:
        raise NotFound
    access.case_for(session, person, sitting.case_id, right)
    return sitting


def seat_of(session: Session, sitting: Sitting, person: Person) -> Seat:
    """The chair this person may take; NotFound when there is none for her."""
    case = session.get(Case, sitting.case_id)
    if case is None:
        raise NotFound
    own = {party.id for party in case.parties if party.person_id == person.id}
    for seat in sitting.seats:
        if seat.party_id in own and seat.party_id is not None:
            return seat
        if seat.role == MEDIATOR and case.mediator_id == person.id:
            return seat
        if seat.role == CLERK and person.role == Role.CLERK:
            return seat
    raise NotFound


def arrive(scene: Scene, person: Person) -> None:
    """Someone is at the door: parties wait, mediator and clerk walk in."""
    seat = scene.seat
    if scene.sitting.status == CLOSED:
        raise Refused("mediation.is-closed")
    seat.person_id = person.id
    seat.label = person.name or seat.label
    if seat.admitted_at is None:
        if seat.role in DESK:
            seat.admitted_at = scene.now
        else:
            seat.waiting_since = seat.waiting_since or scene.now
    scene.changed()


def leave(scene: Scene) -> None:
    """Someone has gone away from the door; who was let in keeps her chair."""
    if scene.seat.admitted_at is None:
        scene.seat.waiting_since = None
        scene.changed()


def admit(scene: Scene, act: Act, _results: list[dict[str, Any]]) -> dict[str, Any]:
    """Let a waiting party in."""
    scene.require(WAITING, OPEN, ADJOURNED)
    seat = scene.chair(act.body["seat"])
    if seat.admitted_at is None:
        if seat.waiting_since is None:
            raise Refused("mediation.nobody-waits", who=seat.label)
        seat.admitted_at = scene.now
        scene.record("seat:admitted", seat=seat.key)
    return {}


def plan_dismiss(scene: Scene, act: Act) -> list[Order]:
    """Her media connection ends before she is back at the door."""
    seat = scene.party_chair(act.body["seat"])
    live = scene.sitting.status in (OPEN, ADJOURNED)
    return [Order("detach", {"seat": seat.key})] if live and seat.epoch else []


def dismiss(scene: Scene, act: Act, _results: list[dict[str, Any]]) -> dict[str, Any]:
    """Send a party back to the waiting room."""
    seat = scene.party_chair(act.body["seat"])
    seat.admitted_at, seat.connected = None, False
    seat.waiting_since = scene.now
    scene.record("seat:dismissed", seat=seat.key)
    return {}


def plan_open(scene: Scene, _act: Act) -> list[Order]:
    """Refused until every party has consented and been let in; then the room is opened on a node."""
    scene.require(WAITING)
    _require_consents(scene)
    outside = [seat.label for seat in party_seats(scene.sitting) if seat.admitted_at is None]
    if outside:
        raise Refused("mediation.not-admitted", who="、".join(outside))
    first = [Order("resume")] if scene.sitting.node else room_orders(scene.sitting)[:1]
    return [*first, mark("step", step=scene.sitting.step)]


def room_orders(sitting: Sitting) -> list[Order]:
    """Open the room on a node; before the mediator opens the session nothing of it is recorded."""
    opened = Order("open", {"meta": meta_of(sitting)})
    return [opened] if sitting.status == OPEN else [opened, Order("pause")]


def _require_consents(scene: Scene) -> None:
    given = {
        (row.party_id, row.purpose)
        for row in cases.consents(scene.session, scene.case)
        if row.withdrawn_at is None
    }
    silent = [
        seat.label
        for seat in party_seats(scene.sitting)
        if any((seat.party_id, purpose) not in given for purpose in PURPOSES)
    ]
    if silent:
        raise Refused("mediation.no-consent", who="、".join(silent))


def meta_of(sitting: Sitting) -> dict[str, Any]:
    """What a media node is told when it opens a room: seats by key, no names."""
    seats = [{"seat": seat.key, "label": seat.key} for seat in sitting.seats]
    about = {"session": str(sitting.id), "recording": sitting.recording, "seats": seats}
    if sitting.caucus:
        about |= {"caucus": sitting.caucus, "caucus_recorded": kept_apart(sitting)}
    return about


def kept_apart(sitting: Sitting) -> bool:
    """Whether a talk apart is recorded: the mediator has asked, and every party, present or not, has agreed."""
    said = sitting.caucus_consent
    if not sitting.caucus or said is None:
        return False
    return all(said.get(seat.key) == AGREES for seat in party_seats(sitting))


def open_(scene: Scene, _act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The session and its first step begin."""
    scene.require(WAITING)
    sitting, (opened, marked) = scene.sitting, results
    sitting.status, sitting.opened_at = OPEN, scene.now
    placed(sitting, opened)
    sitting.head, sitting.head_seq = str(marked.get("hash", "")), int(marked.get("seq", 0))
    scene.session.add(step_record(scene, sitting.step, marked))
    scene.case.status = go(scene.case.status, CaseStatus.IN_SESSION)
    scene.record("session:opened", node=sitting.node, epoch=sitting.epoch, head=sitting.head)
    return {}


def placed(sitting: Sitting, opened: dict[str, Any]) -> None:
    """Keep which node holds the room, and under which epoch."""
    sitting.node = opened.get("node", sitting.node)
    sitting.epoch = int(opened.get("epoch", sitting.epoch))


def step_record(scene: Scene, step: str, marked: dict[str, Any]) -> StepRecord:
    """The row of a step, bound to the film by its mark."""
    return StepRecord(
        session_id=scene.sitting.id,
        step=step,
        begun_at=scene.now,
        begun_ms=int(marked.get("t_ms", 0)),
        mark_hash=str(marked.get("hash", "")),
        mark_seq=int(marked.get("seq", 0)),
    )


def plan_attach(scene: Scene) -> list[Order]:
    """Refused for who has not been let in; the first one to attach has the room made on a node."""
    scene.require(WAITING, OPEN, ADJOURNED)
    if scene.seat.admitted_at is None:
        raise Refused("mediation.still-waiting")
    return [] if scene.sitting.node else room_orders(scene.sitting)


def next_seat_epoch(scene: Scene, results: list[dict[str, Any]]) -> int:
    """A new media connection takes the seat over: number it."""
    if results:
        placed(scene.sitting, results[0])
    scene.seat.epoch += 1
    return scene.seat.epoch


def device_check(scene: Scene, act: Act, _results: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep what the check of camera, microphone and line found."""
    scene.seat.device_check = {**act.body["found"], "at": scene.now.isoformat()}
    return {}
