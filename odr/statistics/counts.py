"""What the court counts: read-only numbers over closed and open cases; it does not know who looks.

Every number is a count over one cohort, the applications filed in the period, so that a numerator is
always part of its denominator. Days are calendar days in Shanghai. The definitions printed beside the
numbers stand in ``odr/wording/statistics.toml``; the ends are those of 在线调解规则 art. 25.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.cases.models import Case
from odr.cases.status import Outcome
from odr.clock import SHANGHAI, local
from odr.identity.models import Person

# The parties sat down together and the talk came to an end: with or without an agreement.
MEDIATED = frozenset(
    {Outcome.AGREEMENT, Outcome.TOO_FAR_APART, Outcome.TIME_UP, Outcome.REFUSED_SIGNATURE}
)
MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True)
class Question:
    """What is asked: ``first`` and ``last`` day (inclusive, Shanghai), optionally one cause or mediator."""

    first: date
    last: date
    cause: str | None = None
    mediator_id: UUID | None = None


@dataclass(frozen=True)
class Share:
    """``n`` of ``of``; ``of`` may be 0, then there is no rate."""

    n: int
    of: int

    @property
    def percent(self) -> str:
        """Two decimals, rounded half up in whole numbers: (1268, 1402) -> "90.44 %"; "–" of nothing."""
        if not self.of:
            return "–"
        hundredths = (self.n * 20000 + self.of) // (2 * self.of)
        return f"{hundredths // 100}.{hundredths % 100:02d} %"

    def __str__(self) -> str:
        """With both numbers: "1,268/1,402 = 90.44 %"; "–" of nothing."""
        if not self.of:
            return "–"
        return f"{self.n:,}/{self.of:,} = {self.percent}"


@dataclass
class Tally:
    """The counts of one row: a month, a cause, a mediator or everything."""

    key: str
    label: str = ""
    applied: int = 0
    accepted: int = 0
    closed: int = 0
    mediated: int = 0
    settled: int = 0
    days: list[int] = field(default_factory=list)  # from application to end, closed cases

    @property
    def mediated_share(self) -> Share:
        """Mediated of applied: the rate of the pilot (1,268/1,402 = 90.44 %)."""
        return Share(self.mediated, self.applied)

    @property
    def settled_share(self) -> Share:
        """Agreements of closed cases."""
        return Share(self.settled, self.closed)

    @property
    def median_days(self) -> str:
        """The median of calendar days from application to end, or "–"."""
        return f"{median(self.days):g}" if self.days else "–"


@dataclass(frozen=True)
class Report:
    """All numbers of one question, as they stood at ``cut_off``."""

    question: Question
    cut_off: datetime
    total: Tally
    months: Sequence[Tally]
    causes: Sequence[Tally]
    mediators: Sequence[Tally]
    outcomes: Sequence[tuple[str, int]]


class _Line(NamedTuple):
    """The columns of a case that are counted."""

    cause: str
    outcome: str | None
    mediator_id: UUID | None
    filed_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None


def report(session: Session, question: Question, now: datetime) -> Report:
    """Count the applications filed in the period; ``now`` is printed as the cut-off time."""
    lines = _lines(session, question)
    total = Tally("all")
    for line in lines:
        _count(total, line)
    names = _names(session, {line.mediator_id for line in lines if line.mediator_id})
    mediators = _group(lines, lambda line: str(line.mediator_id or ""))
    for tally in mediators:
        tally.label = names.get(tally.key, "")
    return Report(
        question=question,
        cut_off=now,
        total=total,
        months=_months(lines, question),
        causes=sorted(
            _group(lines, lambda line: line.cause), key=lambda row: (-row.applied, row.key)
        ),
        mediators=sorted(mediators, key=lambda row: (-row.applied, row.label)),
        outcomes=[
            (outcome.value, sum(1 for line in lines if line.outcome == outcome.value))
            for outcome in Outcome
        ],
    )


def year_to_date(today: date) -> Question:
    """The usual question: from the first of January to today."""
    return Question(first=today.replace(month=1, day=1), last=today)


def earliest_year(session: Session) -> int | None:
    """The year in Shanghai of the first application, or None when there is none."""
    first = session.scalar(select(Case.filed_at).order_by(Case.filed_at).limit(1))
    return local(first).year if first else None


def _lines(session: Session, question: Question) -> list[_Line]:
    query = select(
        Case.cause,
        Case.outcome,
        Case.mediator_id,
        Case.filed_at,
        Case.accepted_at,
        Case.closed_at,
    ).where(
        Case.filed_at >= _midnight(question.first),
        Case.filed_at < _midnight(question.last + timedelta(days=1)),
    )
    if question.cause:
        query = query.where(Case.cause == question.cause)
    if question.mediator_id:
        query = query.where(Case.mediator_id == question.mediator_id)
    return [_Line(*row) for row in session.execute(query)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def _count(tally: Tally, line: _Line) -> None:
    tally.applied += 1
    tally.accepted += line.accepted_at is not None
    tally.mediated += line.outcome in MEDIATED
    tally.settled += line.outcome == Outcome.AGREEMENT
    if line.closed_at is not None:
        tally.closed += 1
        tally.days.append((local(line.closed_at).date() - local(line.filed_at).date()).days)


def _group(lines: Iterable[_Line], key: Callable[[_Line], str]) -> list[Tally]:
    rows: dict[str, Tally] = {}
    for line in lines:
        name = key(line)
        _count(rows.setdefault(name, Tally(name, name)), line)
    return list(rows.values())


def _months(lines: Iterable[_Line], question: Question) -> list[Tally]:
    """Every month of the period, also the empty ones: a gap must be seen."""
    found = {row.key: row for row in _group(lines, lambda line: f"{local(line.filed_at):%Y-%m}")}
    first = question.first.year * MONTHS_IN_A_YEAR + question.first.month - 1
    last = question.last.year * MONTHS_IN_A_YEAR + question.last.month - 1
    keys = [
        f"{index // MONTHS_IN_A_YEAR:04d}-{index % MONTHS_IN_A_YEAR + 1:02d}"
        for index in range(first, last + 1)
    ]
    return [found.get(key, Tally(key, key)) for key in keys]


def _names(session: Session, ids: set[UUID]) -> dict[str, str]:
    if not ids:
        return {}
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    return {str(person.id): person.name for person in people}
