"""The instalment ledger: what is due, paid and late on a given day; it does not know why somebody does not pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit
from odr.errors import Refused
from odr.settlement.models import Agreement, DueInstalment
from odr.settlement.terms import yuan

SOON = timedelta(days=7)


class State(StrEnum):
    """What can be said of one instalment on one day."""

    PAID = "paid"
    PARTLY_LATE = "partly-late"
    LATE = "late"
    SOON = "soon"
    OPEN = "open"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger, in fen; ``days_late`` counts from the day after it was due."""

    number: int
    due: date
    amount_fen: int
    paid_fen: int
    state: State
    days_late: int


@dataclass(frozen=True)
class Ledger:
    """All lines and what they come to on ``today``."""

    today: date
    entries: tuple[Entry, ...]

    @property
    def total_fen(self) -> int:
        """What was agreed."""
        return sum(entry.amount_fen for entry in self.entries)

    @property
    def paid_fen(self) -> int:
        """What the payee has confirmed."""
        return sum(entry.paid_fen for entry in self.entries)

    @property
    def overdue_fen(self) -> int:
        """What should have been paid by today and was not."""
        return sum(entry.amount_fen - entry.paid_fen for entry in self.entries if entry.days_late)

    @property
    def next(self) -> Entry | None:
        """The first line that is not paid in full."""
        return next((entry for entry in self.entries if entry.state is not State.PAID), None)


def state_of(line: DueInstalment, today: date, grace_days: int = 0) -> State:
    """The state of one instalment on one day; in time is by the end of the due day or its days of grace."""
    if line.paid_fen >= line.amount_fen:
        return State.PAID
    if line.due + timedelta(days=grace_days) < today:
        return State.PARTLY_LATE if line.paid_fen else State.LATE
    return State.SOON if line.due - today <= SOON else State.OPEN


def ledger_of(lines: Sequence[DueInstalment], today: date, grace_days: int = 0) -> Ledger:
    """The ledger of one agreement on one day; who is late at all is late since the day it was due."""
    entries = []
    for line in sorted(lines, key=lambda line: line.number):
        state = state_of(line, today, grace_days)
        late = (today - line.due).days if state in (State.LATE, State.PARTLY_LATE) else 0
        entries.append(Entry(line.number, line.due, line.amount_fen, line.paid_fen, state, late))
    return Ledger(today, tuple(entries))


def ledger(session: Session, agreement: Agreement, today: date) -> Ledger:
    """The ledger of an agreement; empty before it is effective and when nothing is to be paid."""
    query = select(DueInstalment).where(DueInstalment.agreement_id == agreement.id)
    promised = agreement.data.get("terms", {}).get("promises", {})
    return ledger_of(session.scalars(query).all(), today, int(promised.get("grace_days", 0)))


@dataclass(frozen=True)
class Payment:
    """What the payee or the clerk confirms: which line, how much more, by whom, when."""

    number: int
    amount_fen: int
    person_id: UUID
    at: datetime


def confirm_payment(session: Session, case_id: UUID, payment: Payment) -> DueInstalment:
    """Add a confirmed payment to a line; Refused when it is not positive or more than is open."""
    line = session.scalars(
        select(DueInstalment)
        .where(DueInstalment.case_id == case_id, DueInstalment.number == payment.number)
        .with_for_update()
    ).one_or_none()
    if line is None:
        raise Refused("settlement.no-such-instalment", number=payment.number)
    left = line.amount_fen - line.paid_fen
    if not 0 < payment.amount_fen <= left:
        raise Refused("settlement.payment-out-of-range", number=payment.number, left=yuan(left))
    line.paid_fen += payment.amount_fen
    line.confirmed_at = payment.at
    body = {"number": line.number, "amount_fen": payment.amount_fen, "paid_fen": line.paid_fen}
    actor = audit.Actor.person(payment.person_id)
    audit.record(session, audit.Fact("instalment:confirmed", actor, payment.at, case_id, body))
    return line
