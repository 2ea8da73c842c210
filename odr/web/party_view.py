"""What a party's pages show of a case, gathered from the rooms; it changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import clock
from odr.archive import checkpoints
from odr.archive.models import Checkpoint
from odr.cases import access, causes
from odr.cases import service as cases
from odr.cases.models import Case, Evidence, Party
from odr.errors import NotFound
from odr.identity import idcard
from odr.identity.models import Person
from odr.mediation.models import Seat
from odr.mediation.models import Session as Sitting
from odr.settlement import service as settlement
from odr.settlement.models import Agreement
from odr.settlement.performance import Ledger, ledger
from odr.web import case_papers
from odr.web.house import language, now
from odr.web.todo import Standing, Todo, stage_of, todo_of

PURPOSES = ("online_mediation", "recording")


@dataclass(frozen=True)
class CaseView:
    """One case as one party sees it; the others' names are masked until the room opens."""

    case: Case
    me: Party
    cause: str
    mediator: str
    others: Sequence[str]
    sitting: Sitting | None
    starts_at: object
    minutes_left: int | None
    todo: Todo
    stage: int
    consents: frozenset[str]
    agreement: Agreement | None
    ledger: Ledger | None
    evidence: Sequence[Evidence]
    papers: list[Any]
    checkpoint: Checkpoint | None = None


def view_of(session: Session, person: Person, case: Case) -> CaseView:
    """Gather one case for one of its parties; NotFound when she is none."""
    me = access.party_of(case, person)
    if me is None:
        raise NotFound
    sitting = _sitting(session, case)
    hearing = case.hearings[-1] if case.hearings else None
    left = int((hearing.starts_at - now()).total_seconds() // 60) if hearing else None
    given = consented(session, case, me)
    agreement = settlement.agreement_of(session, case.id)
    today = clock.local(now()).date()
    agreed = agreement is not None and agreement.status in {"effective", "sealed"}
    standing = Standing(
        status=case.status,
        sitting=str(sitting.id) if sitting else None,
        minutes_left=left,
        consented=given == frozenset(PURPOSES),
        checked=_checked(session, sitting, me),
        agreed=agreed,
    )
    mediator = session.get(Person, case.mediator_id) if case.mediator_id else None
    return CaseView(
        case=case,
        me=me,
        cause=causes.name(case.cause, language()),
        mediator=mediator.name if mediator else "",
        others=[idcard.mask_name(party.name) for party in case.parties if party.id != me.id],
        sitting=sitting if sitting is not None and sitting.status != "closed" else None,
        starts_at=hearing.starts_at if hearing else None,
        minutes_left=left,
        todo=todo_of(standing),
        stage=stage_of(case.status),
        consents=given,
        agreement=agreement if agreed else None,
        ledger=ledger(session, agreement, today) if agreed and agreement else None,
        evidence=_evidence(session, case),
        papers=case_papers.rows(session, case, f"/p/cases/{case.id}", me.id),
        checkpoint=checkpoints.latest(session),
    )


def consented(session: Session, case: Case, party: Party) -> frozenset[str]:
    """The purposes to which this party has said yes and not taken it back."""
    rows = cases.consents(session, case)
    return frozenset(
        row.purpose for row in rows if row.party_id == party.id and row.withdrawn_at is None
    )


def seats_of(session: Session, person: Person) -> list[Seat]:
    """Her chairs in sittings that are not over."""
    mine = [
        party.id
        for case in access.cases_of(session, person)
        for party in case.parties
        if party.person_id == person.id
    ]
    rows = session.scalars(
        select(Seat).join(Sitting).where(Seat.party_id.in_(mine), Sitting.status != "closed")
    )
    return list(rows)


def _sitting(session: Session, case: Case) -> Sitting | None:
    rows = session.scalars(select(Sitting).where(Sitting.case_id == case.id)).all()
    live = [row for row in rows if row.status != "closed"]
    return live[-1] if live else (rows[-1] if rows else None)


def _checked(session: Session, sitting: Sitting | None, me: Party) -> bool:
    if sitting is None:
        return False
    query = select(Seat).where(Seat.session_id == sitting.id, Seat.party_id == me.id)
    seat = session.scalars(query).first()
    return bool(seat and seat.device_check)


def _evidence(session: Session, case: Case) -> Sequence[Evidence]:
    return session.scalars(
        select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.at)
    ).all()
