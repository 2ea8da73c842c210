"""The draft as each at the table sees it, and how it came about."""

import pytest
from sqlalchemy import select

from odr.audit import AuditRow
from odr.cases.models import Case
from odr.db import reading
from odr.errors import Refused
from odr.mediation import drafts
from odr.settlement.models import Acceptance
from tests.mediation.conftest import terms


@pytest.fixture
def talks(table):
    """The first version on the table."""
    table.walk("negotiation")
    table.act("m", "propose", terms=terms())
    return table


def clause(table, key, seat="m"):
    return next(one for one in table.state(seat)["proposal"]["clauses"] if one["key"] == key)


def say(table, seat, answer, key, reason=""):
    shown = table.state(seat)["proposal"]
    body = {"proposal": shown["id"], "clause": key, "text_hash": clause(table, key)["text_hash"]}
    table.act(seat, "answer-clause", answer=answer, reason=reason, **body)


def history(table, language="zh"):
    with reading() as session:
        return drafts.history(session, session.get(Case, table.case_id), language)


def test_every_seat_sees_what_every_side_says_to_a_clause(talks):
    say(talks, "a1", "accept", "plan")
    say(talks, "r1", "object", "plan", "每月四万八付不起")
    for seat in ("a1", "r1", "m", "c"):
        shown = clause(talks, "plan", seat)
        assert shown["answers"] == {"a1": "accept", "r1": "object"}
        assert shown["reasons"] == {"r1": "每月四万八付不起"}
        assert clause(talks, "total", seat)["answers"] == {}


def test_a_new_version_shows_what_changed_and_who_wrote_it(talks):
    say(talks, "a1", "accept", "total")
    say(talks, "r1", "object", "plan")
    talks.act("c", "propose", terms=terms(10) | {"method": "现金"})
    shown = {one["key"]: one for one in talks.state("r1")["proposal"]["clauses"]}
    changed = {key for key, one in shown.items() if one["changed"]}
    assert changed == {"plan", "method"}
    assert {key for key, one in shown.items() if one["since"] == 2} == changed
    assert shown["total"]["answers"] == {"a1": "accept"}
    assert shown["plan"]["answers"] == {}
    names = {seat["seat"]: seat["label"] for seat in talks.state()["seats"]}
    assert shown["plan"]["by"] in names["c"]
    assert shown["total"]["by"] in names["m"]


def test_what_is_left_out_is_shown_once(talks):
    talks.act("m", "propose", terms=terms() | {"extra": ["当面道歉。"]})
    talks.act("m", "propose", terms=terms())
    assert talks.state("a1")["proposal"]["left_out"] == ["当面道歉。"]
    talks.act("m", "propose", terms=terms(3))
    assert talks.state("a1")["proposal"]["left_out"] == []


def test_the_film_is_told_before_the_answer_is_kept(talks):
    say(talks, "r1", "object", "plan")
    mark = talks.media.orders[-1][2].args
    assert mark["kind"] == "clause"
    assert (mark["body"]["seat"], mark["body"]["answer"]) == ("r1", "object")
    assert mark["body"]["text_hash"] == clause(talks, "plan")["text_hash"]


def test_an_answer_to_a_clause_that_was_changed_meanwhile_is_refused(talks):
    shown = talks.state("r1")["proposal"]
    old = clause(talks, "plan")["text_hash"]
    talks.act("m", "propose", terms=terms(3))
    now = talks.state("r1")["proposal"]
    for proposal, digest in ((shown["id"], old), (now["id"], old)):
        body = {"proposal": proposal, "clause": "plan", "text_hash": digest, "answer": "accept"}
        with pytest.raises(Refused):
            talks.act("r1", "answer-clause", **body)
    assert "clause" not in talks.media.marks()
    assert clause(talks, "plan")["answers"] == {}


@pytest.mark.parametrize("seat", ["m", "c"])
def test_the_desk_does_not_answer_for_a_party(talks, seat):
    with pytest.raises(Refused) as refused:
        say(talks, seat, "accept", "total")
    assert refused.value.key == "mediation.not-yours"


def test_the_history_tells_versions_differences_and_answers(talks):
    say(talks, "r1", "object", "plan", "太快")
    talks.act("m", "propose", terms=terms(10))
    talks.accept("a1", "r1")
    first, second = history(talks)
    assert {change.key for change in second["changes"]} == {"plan"}
    assert all(not change.before for change in first["changes"])
    (objection,) = first["answers"]
    assert (objection["answer"], objection["reason"]) == ("object", "太快")
    assert objection["clause"] == "分 7 期付款的安排。"
    assert [(one["answer"], one["clause"]) for one in second["answers"]] == [("accept", None)] * 2
    assert first["at"] < second["at"]


def test_who_spoke_is_in_the_log(talks):
    say(talks, "r1", "object", "plan")
    with reading() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.seq.desc())).first()
        assert (row.action, row.actor) == ("clause:answered", f"person:{talks.people['r1']}")


def test_a_yes_that_is_refused_is_not_in_the_film_either(talks):
    say(talks, "r1", "object", "plan")
    with pytest.raises(Refused) as refused:
        talks.accept("r1")
    assert refused.value.key == "settlement.clause-objected"
    assert "accept" not in talks.media.marks()


def test_a_no_to_a_clause_tells_where_in_the_film_the_yes_was_taken_back(talks):
    talks.accept("r1")
    say(talks, "r1", "object", "plan", "太快")
    with reading() as session:
        (row,) = session.scalars(select(Acceptance))
        assert (row.answer, row.t_ms) == ("object", talks.media.seq * 1000)
