from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from odr import db
from odr.cases.models import Case
from odr.cases.status import CaseStatus, Outcome
from odr.db import Base
from odr.identity.models import Person
from odr.statistics.counts import Question, Share, Tally, earliest_year, report, year_to_date
from tests.fakes import settings_in

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
YEAR = Question(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    app = db.process_app(settings_in(tmp_path))
    with app.app_context():
        Base.metadata.create_all(db.engine())
        with db.transaction() as session:
            yield session


def add(session: Session, filed: datetime, **traits: object) -> Case:
    case = Case(
        case_no=uuid4().hex,
        short_code=uuid4().hex[:8],
        cause="private_lending",
        claim="还钱",
        status=CaseStatus.FILED,
        filed_at=filed,
    )
    for name, value in traits.items():
        setattr(case, name, value)
    session.add(case)
    session.flush()
    return case


def ended(outcome: Outcome, filed: datetime, days: int = 10) -> dict[str, object]:
    return {
        "status": CaseStatus.CLOSED,
        "outcome": outcome,
        "accepted_at": filed,
        "closed_at": filed + timedelta(days=days),
    }


@pytest.mark.parametrize(
    ("n", "of", "text"),
    [
        (1268, 1402, "1,268/1,402 = 90.44 %"),
        (0, 3, "0/3 = 0.00 %"),
        (1, 3, "1/3 = 33.33 %"),
        (2, 3, "2/3 = 66.67 %"),
        (1, 8000, "1/8,000 = 0.01 %"),
        (5, 5, "5/5 = 100.00 %"),
        (0, 0, "–"),
    ],
)
def test_a_rate_shows_both_its_numbers(n: int, of: int, text: str):
    assert str(Share(n, of)) == text


def test_the_rate_of_the_pilot(session: Session):
    filed = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    for index in range(1402):
        outcome = Outcome.AGREEMENT if index < 1268 else Outcome.UNREACHABLE
        add(session, filed, **ended(outcome, filed))
    total = report(session, YEAR, NOW).total
    assert str(total.mediated_share) == "1,268/1,402 = 90.44 %"


@pytest.mark.parametrize(
    ("outcome", "mediated", "settled"),
    [
        (Outcome.AGREEMENT, 1, 1),
        (Outcome.TOO_FAR_APART, 1, 0),
        (Outcome.TIME_UP, 1, 0),
        (Outcome.REFUSED_SIGNATURE, 1, 0),
        (Outcome.WITHDRAWN, 0, 0),
        (Outcome.UNREACHABLE, 0, 0),
        (Outcome.UNWILLING, 0, 0),
        (Outcome.OTHER, 0, 0),
    ],
)
def test_each_end_counts_as_its_definition_says(
    session: Session, outcome: Outcome, mediated: int, settled: int
):
    filed = datetime(2026, 5, 5, tzinfo=UTC)
    add(session, filed, **ended(outcome, filed))
    found = report(session, YEAR, NOW)
    assert (found.total.mediated, found.total.settled) == (mediated, settled)
    assert dict(found.outcomes)[outcome.value] == 1
    assert sum(count for _, count in found.outcomes) == 1


def test_months_are_months_in_shanghai_and_empty_ones_are_shown(session: Session):
    add(session, datetime(2026, 1, 31, 16, 30, tzinfo=UTC))  # 1 February, 00:30 in Shanghai
    add(session, datetime(2026, 1, 31, 15, 59, tzinfo=UTC))
    found = report(session, Question(date(2026, 1, 1), date(2026, 3, 31)), NOW)
    assert [(row.key, row.applied) for row in found.months] == [
        ("2026-01", 1),
        ("2026-02", 1),
        ("2026-03", 0),
    ]


def test_the_period_includes_its_last_day_and_nothing_more(session: Session):
    add(session, datetime(2026, 6, 30, 15, 59, tzinfo=UTC))
    add(session, datetime(2026, 6, 30, 16, 0, tzinfo=UTC))  # 1 July in Shanghai
    found = report(session, Question(date(2026, 6, 1), date(2026, 6, 30)), NOW)
    assert found.total.applied == 1


def test_causes_and_mediators_are_counted_apart(session: Session):
    mediator = Person(role="mediator", name="周敏", created_at=NOW)
    session.add(mediator)
    session.flush()
    filed = datetime(2026, 4, 1, tzinfo=UTC)
    add(session, filed, mediator_id=mediator.id, **ended(Outcome.AGREEMENT, filed, 20))
    add(session, filed, mediator_id=mediator.id, cause="construction")
    add(session, filed)
    found = report(session, YEAR, NOW)
    assert [(row.key, row.applied) for row in found.causes] == [
        ("private_lending", 2),
        ("construction", 1),
    ]
    assert [(row.label, row.applied, row.settled) for row in found.mediators] == [
        ("周敏", 2, 1),
        ("", 1, 0),
    ]
    assert found.total.median_days == "20"


def test_a_question_can_be_narrowed(session: Session):
    own = uuid4()
    filed = datetime(2026, 4, 1, tzinfo=UTC)
    add(session, filed, mediator_id=own)
    add(session, filed, cause="construction")
    assert asked(session, cause="construction").total.applied == 1
    assert asked(session, mediator_id=own).total.applied == 1
    assert asked(session, cause="nothing").total.applied == 0


def asked(session: Session, cause: str | None = None, mediator_id: UUID | None = None):
    return report(session, Question(YEAR.first, YEAR.last, cause, mediator_id), NOW)


def test_nothing_counted_is_no_error(session: Session):
    found = report(session, YEAR, NOW)
    assert found.total.mediated_share.percent == "–"
    assert found.total.median_days == "–"
    assert len(found.months) == 12
    assert earliest_year(session) is None


def test_the_usual_question_is_this_year():
    assert year_to_date(date(2026, 11, 25)) == Question(date(2026, 1, 1), date(2026, 11, 25))


def test_the_median_of_an_even_number_of_cases():
    assert Tally("x", days=[1, 2, 3, 10]).median_days == "2.5"
