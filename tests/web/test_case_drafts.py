"""How the terms came about, as each of the four asks for it."""

from datetime import timedelta

import pytest

from odr import clock
from odr.cases.models import Case
from odr.db import transaction
from odr.identity.models import Person
from odr.settlement import drafting
from odr.settlement.clauses import clauses
from odr.settlement.drafting import Said
from odr.settlement.models import Proposal
from odr.settlement.terms import Terms, plan_equal, terms_from_json, to_json
from tests.web.desk_cast import Cast, cast, sitting

__all__ = ["cast"]

OURS = [("applicant", "p"), ("respondent", "p"), ("mediator", "m"), ("clerk", "c")]


@pytest.fixture(autouse=True)
def appointed(cast: Cast) -> None:
    sitting(cast, closed=False)


def propose(cast: Cast, count: int) -> None:
    plan = plan_equal(34_000_000, count, clock.today() + timedelta(days=30))
    terms = Terms(34_000_000, plan, "农业银行 6230", extra=("<b>道歉</b>",))
    with cast.app.app_context(), transaction() as session:
        case = session.get_one(Case, cast.case)
        by = session.get_one(Person, cast.people["mediator"])
        made = drafting.propose(session, case, to_json(terms), by, clock.now())
        plan_clause = clauses(terms_from_json(made.terms))[1]
        party = case.parties[1].id
        said = Said(party, "object", plan_clause.digest, f"{count} 期不行", plan_clause.key)
        drafting.answer_clause(session, made, said, clock.now())


def page(cast: Cast, name: str, desk: str):
    return cast.get(name, f"/{desk}/cases/{cast.case}/drafts")


@pytest.mark.parametrize(("name", "desk"), OURS)
def test_who_belongs_to_the_case_sees_versions_differences_and_who_said_what(cast, name, desk):
    propose(cast, 7)
    propose(cast, 10)
    found = page(cast, name, desk)
    assert found.status_code == 200
    newest, first = found.text.index("第 2 版"), found.text.index("第 1 版")
    assert newest < first
    assert "mediator-姓名" in found.text
    assert "<del>第 1 期" in found.text[newest:first]
    assert "48,571.42" not in found.text[:newest]
    assert "10 期不行" in found.text[newest:first]
    assert "7 期不行" in found.text[first:]
    assert f"/{desk}/cases/{cast.case}/drafts" in cast.get(name, f"/{desk}/cases/{cast.case}").text


@pytest.mark.parametrize(
    ("name", "desk"),
    [("charlie", "p"), ("charlie", "m"), ("stranger", "m"), ("court", "c"), ("applicant", "m")],
)
def test_who_does_not_gets_what_one_gets_for_nothing(cast, name, desk):
    propose(cast, 7)
    assert page(cast, name, desk).status_code == 404


def test_what_somebody_wrote_is_text_and_never_markup(cast):
    propose(cast, 7)
    assert "<b>道歉" not in page(cast, "applicant", "p").text
    assert "&lt;b&gt;道歉" in page(cast, "applicant", "p").text


def test_before_the_first_version_there_is_a_sentence_and_no_way_to_it(cast):
    assert "还没有出示过方案" in page(cast, "respondent", "p").text
    assert "/drafts" not in cast.get("respondent", f"/p/cases/{cast.case}").text


def test_of_a_case_whose_content_was_deleted_the_frame_remains(cast):
    propose(cast, 7)
    with cast.app.app_context(), transaction() as session:
        session.query(Proposal).one().terms = {}
    found = page(cast, "clerk", "c")
    assert found.status_code == 200
    assert "已按保存期限删除" in found.text
    assert "340,000" not in found.text
