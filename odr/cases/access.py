"""The one door to a case: who is let in and who never learns that it exists; it keeps no right table."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.cases.models import Case, Party
from odr.errors import NotFound, Refused
from odr.identity.models import Person
from odr.identity.rights import Right, Role, may

EVERY_CASE = frozenset({Role.CLERK, Role.COURT, Role.AUDITOR})


def case_for(session: Session, person: Person, case_id: UUID, right: Right) -> Case:
    """The case, when the person may do this with it; NotFound for strangers, Refused for others."""
    case = session.get(Case, case_id)
    if case is None or not person.active or not _concerned(case, person):
        raise NotFound
    if not may(person.role, right):
        raise Refused("cases.not-yours")
    return case


def cases_of(session: Session, person: Person) -> list[Case]:
    """The cases that a person may see, newest first."""
    query = select(Case).order_by(Case.filed_at.desc(), Case.id)
    if not may(person.role, Right.SEE_CASE):
        return []
    if person.role == Role.PARTY:
        own = select(Party.case_id).where(Party.person_id == person.id)
        query = query.where(Case.id.in_(own))
    elif person.role == Role.MEDIATOR:
        query = query.where(Case.mediator_id == person.id)
    return list(session.scalars(query))


def party_of(case: Case, person: Person) -> Party | None:
    """The party of this case that the person is, or None."""
    return next((party for party in case.parties if party.person_id == person.id), None)


def _concerned(case: Case, person: Person) -> bool:
    if person.role == Role.PARTY:
        return party_of(case, person) is not None
    if person.role == Role.MEDIATOR:
        return case.mediator_id == person.id
    return person.role in EVERY_CASE
