from uuid import UUID

import pytest
from sqlalchemy import select

from odr.db import reading
from odr.errors import NotFound, Refused
from odr.settlement.models import Agreement, Signature
from tests.mediation.conftest import terms


def test_a_new_version_undoes_acceptance_and_what_was_read_back(table):
    table.walk("agreement")
    table.accept("a1", "r1")
    table.tap_all()
    table.act("m", "propose", terms=terms(3))
    state = table.state("a1")
    assert state["proposal"]["answers"] == {}
    assert not any(item["done"] for item in state["card"]["items"])
    with pytest.raises(Refused):
        table.act("m", "advance")


def test_a_yes_counts_only_for_the_text_that_was_shown(table):
    table.walk("agreement")
    found = table.state()["proposal"]
    with pytest.raises(Refused, match="just changed"):
        table.act("a1", "accept", proposal=found["id"], text_hash="0" * 64)
    with pytest.raises(NotFound):
        table.act("a1", "accept", proposal=str(table.case_id), text_hash=found["text_hash"])


def test_no_is_kept_with_its_reason(table):
    table.walk("agreement")
    found = table.state()["proposal"]
    body = {"proposal": found["id"], "text_hash": found["text_hash"]}
    table.act("r1", "reject", **body, reason="付不起")
    assert table.state()["proposal"]["answers"] == {"r1": "object"}
    assert table.state()["proposal"]["reasons"] == {"r1": "付不起"}
    with pytest.raises(Refused, match="accepted"):
        table.act("m", "prepare-agreement")


def test_terms_that_do_not_sum_are_refused(table):
    table.walk("negotiation")
    wrong = terms()
    wrong["instalments"][0]["amount_fen"] += 1
    with pytest.raises(Refused):
        table.act("m", "propose", terms=wrong)
    assert table.state()["proposal"] is None


def test_terms_come_only_in_the_talks(table):
    table.begin()
    with pytest.raises(Refused, match="present step"):
        table.act("m", "propose", terms=terms())


def test_the_paper_is_signed_by_all_then_sealed(table):
    table.walk("signing")
    state = table.state("a1")["agreement"]
    assert state["pages"] >= 1
    assert [row["field"] for row in state["fields"]] == ["party-1", "party-2", "mediator", "seal"]
    assert [row["mine"] for row in state["fields"]] == [True, False, False, False]
    with pytest.raises(Refused):
        table.sign("m")
    with pytest.raises(Refused, match="just changed"):
        table.sign("a1", shown_hash="0" * 64)
    with pytest.raises(Refused):
        table.sign("c")
    assert table.sign("a1")["status"] == "signing"
    with pytest.raises(Refused):
        table.sign("a1")
    assert table.sign("r1")["status"] == "effective"
    assert table.sign("m")["status"] == "sealed"
    assert table.media.marks()[-4:-2] == ["signature", "signature"]
    assert table.media.marks()[-2:] == ["signature", "seal"]
    with reading() as session:
        paper = session.scalars(select(Agreement)).one()
        row = session.scalars(select(Signature).where(Signature.field == "party-1")).one()
        assert paper.data["facts"] == ["借款三十四万元"]
        assert "约定利息" in paper.data["issues"]
        assert UUID(row.evidence["more"]["sitting"]) == table.sitting_id
        assert row.evidence["more"]["film"]["hash"]
        assert row.evidence["more"]["identity"]["verdict"] == "same"


def test_the_paper_carries_on_whose_word_it_rests_and_where_in_the_film(table):
    table.walk("agreement")
    table.accept("r1", "a1")
    table.act("m", "prepare-agreement")
    marks = [order.args for _, _, order in table.media.orders if order.op == "mark"]
    film = {  # the fake node's clock goes on by a second with every mark
        (one["kind"], one["body"].get("seat")): number * 1000
        for number, one in enumerate(marks, 1)
        if one["kind"] in ("fact", "accept")
    }
    with reading() as session:
        sources = session.query(Agreement).one().data["sources"]
    facts = [one for one in sources if one["text"] == "借款三十四万元"]
    assert {(one["by"], one["said"]) for one in facts} == {
        ("陈建国", "agreed"),
        ("王经理", "agreed"),
    }
    assert all(0 < one["t_ms"] < film["accept", "r1"] for one in facts)
    accepted = [(one["by"], one["t_ms"]) for one in sources if one["text"] == "terms"]
    assert accepted == [("王经理", film["accept", "r1"]), ("陈建国", film["accept", "a1"])]


def test_nothing_is_signed_before_its_step(table):
    table.walk("agreement")
    table.do_step("agreement")
    with pytest.raises(Refused, match="present step"):
        table.sign("a1")
