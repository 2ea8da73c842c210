import pytest
from sqlalchemy import select

from odr.db import reading
from odr.errors import NotFound, Refused
from odr.mediation.facts import undisputed
from odr.mediation.models import Note
from odr.mediation.steps import fact_lines


def test_a_changed_line_loses_its_answers_and_its_confirmation(table):
    table.walk("fact-confirmation")
    table.do_step("fact-confirmation")
    table.act("m", "set-facts", lines=["借款三十四万元", "约定年利率百分之六"])
    first, second = table.state()["facts"]
    assert first["answers"] == {"a1": "agreed", "r1": "agreed"}
    assert second["answers"] == {}
    assert not any(item["done"] for item in table.state("a1")["card"]["items"])
    with pytest.raises(Refused, match="has not yet answered"):
        table.act("m", "advance")


def test_only_what_all_call_true_is_undisputed(table):
    table.walk("negotiation")
    with reading() as session:
        lines = undisputed(fact_lines(session, table.sitting_id), ["a1", "r1"])
        assert [line.text for line in lines] == ["借款三十四万元"]


def test_facts_are_fixed_once_confirmed(table):
    table.walk("negotiation")
    with pytest.raises(Refused, match="have been confirmed"):
        table.act("m", "set-facts", lines=["其他"])
    with pytest.raises(Refused):
        table.act("a1", "answer-fact", fact=table.state()["facts"][0]["id"], answer="unknown")


def test_an_answer_to_an_unknown_fact_finds_nothing(table):
    table.walk("fact-confirmation")
    with pytest.raises(NotFound):
        table.act("a1", "answer-fact", fact=str(table.case_id), answer="agreed")


def test_what_is_said_is_kept_and_shown_to_whom_it_concerns(table):
    table.begin()
    table.act("c", "note", text="双方到齐")
    table.act("a1", "object", text="要求换调解员")
    table.act("r1", "cannot-hear")
    table.act("r1", "say", text="我在仓库门口")
    with reading() as session:
        kinds = session.scalars(select(Note.kind).order_by(Note.at)).all()
    assert kinds == ["note", "objection", "cannot-hear", "chat"]
    assert [note["kind"] for note in table.state("a1")["notes"]] == ["objection", "chat"]
    assert len(table.state("m")["notes"]) == 4
    assert table.media.marks()[-4:] == ["note", "objection", "cannot-hear", "chat"]
