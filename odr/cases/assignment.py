"""Who mediates, and when; it does not know how the hour goes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from odr.cases import causes
from odr.cases.intake import note
from odr.cases.models import Case, Hearing
from odr.cases.schedule import Slot, check
from odr.cases.status import CaseStatus, go
from odr.errors import Refused
from odr.identity import specialties
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.sentences import sentence

LIVE = (CaseStatus.ACCEPTED.value, CaseStatus.SCHEDULED.value, CaseStatus.IN_SESSION.value)
BEFORE_THE_HOUR = frozenset({CaseStatus.ACCEPTED, CaseStatus.SCHEDULED})
APPOINTABLE = BEFORE_THE_HOUR | {CaseStatus.IN_SESSION}  # an adjourned session gets a new hour


@dataclass(frozen=True)
class _Candidate:
    person: Person
    fits: bool
    load: int


def suggest_mediators(session: Session, case: Case) -> list[tuple[Person, str]]:
    """All active mediators, those of the right specialty first, the least busy first, with the reason."""
    wanted = specialties.canonical(causes.find(case.cause).specialty)
    query = select(Case.mediator_id, func.count()).where(Case.status.in_(LIVE))
    loads = {row[0]: int(row[1]) for row in session.execute(query.group_by(Case.mediator_id))}
    mediators = select(Person).where(Person.role == Role.MEDIATOR.value, Person.active.is_(True))
    parties = {party.person_id for party in case.parties}
    found = [
        _Candidate(person, wanted in person.specialties, loads.get(person.id, 0))
        for person in session.scalars(mediators)
        if person.id not in parties
    ]
    found.sort(key=lambda one: (not one.fits, one.load, one.person.name))
    return [(one.person, _reason(one, wanted)) for one in found]


def assign(session: Session, ctx: Ctx, case: Case, mediator: Person, by: Person) -> None:
    """Give a case to a mediator; later changes are allowed until the hour begins."""
    if case.status not in BEFORE_THE_HOUR:
        raise Refused("cases.not-now")
    if mediator.role != Role.MEDIATOR or not mediator.active:
        raise Refused("cases.not-a-mediator")
    if case.status == CaseStatus.SCHEDULED and case.mediator_id != mediator.id:
        raise Refused("cases.already-scheduled")
    case.mediator_id = mediator.id
    note(session, ctx, case, ("case:assigned", by), mediator=str(mediator.id))


def schedule(session: Session, ctx: Ctx, case: Case, starts_at: datetime, by: Person) -> Hearing:
    """Appoint the hour; an hour that was appointed before is cancelled."""
    if case.status not in APPOINTABLE:
        raise Refused("cases.not-now")
    if case.mediator_id is None:
        raise Refused("cases.assign-first")
    check(Slot(starts_at), taken=_taken(session, case), now=ctx.now)
    for hearing in case.hearings:
        if hearing.status == "appointed":
            hearing.status = "cancelled"
    hearing = Hearing(case_id=case.id, starts_at=starts_at, minutes=60, status="appointed")
    case.hearings.append(hearing)
    if case.status == CaseStatus.ACCEPTED:
        case.status = go(case.status, CaseStatus.SCHEDULED)
    note(session, ctx, case, ("case:scheduled", by), starts_at=starts_at.isoformat())
    return hearing


def _taken(session: Session, case: Case) -> list[Slot]:
    """The hours of the mediator and of the parties in other cases."""
    people: set[UUID] = {party.person_id for party in case.parties if party.person_id}
    query = select(Hearing).join(Case).where(Hearing.status == "appointed", Case.id != case.id)
    return [
        Slot(hearing.starts_at, hearing.minutes)
        for hearing in session.scalars(query.where(Case.status.in_(LIVE)))
        if hearing.case.mediator_id == case.mediator_id
        or any(party.person_id in people for party in hearing.case.parties)
    ]


def _reason(one: _Candidate, wanted: str) -> str:
    kind = "fits" if one.fits else "general"
    return sentence(f"cases.reason-{kind}", "zh", specialty=wanted, load=one.load)
