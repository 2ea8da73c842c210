import csv
import io
import re

import pytest

from odr import clock
from odr.cases.models import Case
from odr.cases.status import CaseStatus, Outcome
from odr.db import transaction
from tests.web.desk_cast import Cast, cast

__all__ = ["cast"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("court", 200),
        ("clerk", 200),
        ("applicant", 404),
        ("respondent", 404),
        ("charlie", 404),
        ("mediator", 404),
        ("admin", 404),
    ],
)
def test_who_sees_the_numbers(cast: Cast, name: str, status: int):
    assert cast.get(name, "/court").status_code == status
    assert cast.get(name, "/court/statistics.csv").status_code == status


def pilot(cast: Cast) -> None:
    now = clock.now()
    with cast.app.app_context(), transaction() as session:
        for index in range(9):
            session.add(
                Case(
                    case_no=f"no-{index}",
                    short_code=f"s{index}",
                    cause="private_lending",
                    claim="=1+1",
                    status=CaseStatus.CLOSED,
                    outcome=Outcome.AGREEMENT if index < 7 else Outcome.UNWILLING,
                    mediator_id=cast.people["mediator"],
                    filed_at=now,
                    accepted_at=now,
                    closed_at=now,
                )
            )


def test_the_rate_stands_with_both_numbers_and_its_definition(cast: Cast):
    pilot(cast)
    page = cast.get("court", "/court").text
    assert "7/10 = 70.00 %" in page  # the case of the cast is the tenth application
    assert "7/9 = 77.78 %" in page
    assert "调解件数 ÷ 申请件数" in page
    assert "数据截至" in page
    assert "mediator-姓名" in page


def test_every_chart_has_its_sentence_and_no_style(cast: Cast):
    pilot(cast)
    page = cast.get("court", "/court").text
    assert page.count('role="img" aria-label=') == page.count('<svg class="chart"') == 3
    assert not re.search(r"\sstyle=", page)


def test_the_spreadsheet_holds_the_same_numbers(cast: Cast):
    pilot(cast)
    answer = cast.get("court", "/court/statistics.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert any("7/10 = 70.00 %" in row for row in rows)


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "from=2026-13-01", "from=2026-02-02&to=2026-02-01", "from=1900-01-01"],
)
def test_a_period_that_cannot_be_is_refused_in_a_sentence(cast: Cast, query: str):
    answer = cast.get("court", f"/court?{query}")
    assert answer.status_code == 409
    assert "statistics." not in answer.text


def test_an_empty_period_is_shown_as_such(cast: Cast):
    page = cast.get("court", "/court?from=2020-01-01&to=2020-12-31").text
    assert "这段时间没有申请" in page


def test_a_wish_for_a_strange_cause_injects_nothing(cast: Cast):
    page = cast.get("court", "/court?cause=<script>alert(1)</script>").text
    assert "<script>alert" not in page
