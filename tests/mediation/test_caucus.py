"""Talking apart: who may, when, what is refused meanwhile, what is kept of it."""

import pytest

from odr.audit import AuditRow
from odr.db import reading, transaction
from odr.errors import Refused
from odr.mediation.models import Note
from odr.mediation.models import Session as Sitting
from odr.mediation.sittings import room_orders
from tests.mediation.conftest import terms


@pytest.fixture
def talks(table):
    """The table at the negotiation."""
    table.walk("negotiation")
    return table


def refusal(table, seat, act, **fields):
    """Why an act is refused."""
    with pytest.raises(Refused) as refused:
        table.act(seat, act, **fields)
    return refused.value.key.removeprefix("mediation.")


def orders(table):
    return [(order.op, dict(order.args)) for _, _, order in table.media.orders][-2:]


def test_the_mediator_talks_apart_with_one_side_and_all_come_back(talks):
    talks.act("m", "caucus", side="applicant")
    mark, apart = orders(talks)
    assert mark == ("mark", {"kind": "caucus", "body": {"side": "applicant"}})
    assert apart == ("caucus", {"seats": ["a1", "m", "c"]})
    assert talks.state("m")["caucus"]["inside"]
    assert talks.state("a1")["caucus"]["inside"]
    outside = talks.state("r1")["caucus"]
    assert (outside["inside"], outside["side"]) == (False, "applicant")
    assert not talks.state("r1")["recording"]["on"]
    talks.act("m", "rejoin")
    assert [op for op, _ in orders(talks)] == ["caucus", "mark"]
    assert orders(talks)[0][1] == {"seats": []}
    assert talks.state("r1")["caucus"] is None


def test_the_minutes_and_the_log_hold_that_it_was_and_how_long_not_what_was_said(talks):
    talks.act("m", "caucus", side="respondent")
    for _ in range(64):
        talks.act("r1", "cannot-hear")
    talks.act("m", "rejoin")
    with reading() as session:
        notes = {row.kind: row.text for row in session.query(Note)}
        entries = {row.action: row for row in session.query(AuditRow)}
    assert notes["apart"] == "被申请人一方"
    assert notes["together"] == "1分5秒"
    assert "caucus:opened" in entries
    assert "caucus:closed" in entries


@pytest.mark.parametrize("seat", ["a1", "r1", "c"])
def test_nobody_else_may_part_or_rejoin_the_room(talks, seat):
    assert refusal(talks, seat, "caucus", side="applicant") == "not-yours"
    assert refusal(talks, seat, "rejoin") == "not-yours"
    assert talks.state("m")["caucus"] is None


def test_what_everybody_must_follow_waits_until_all_are_together(talks):
    talks.act("m", "propose", terms=terms())
    proposal = talks.state("r1")["proposal"]
    talks.act("m", "caucus", side="respondent")
    answer = {"proposal": proposal["id"], "text_hash": proposal["text_hash"]}
    for seat, act, fields in (
        ("r1", "accept", answer),
        ("a1", "say", {"text": "你们在说什么"}),
        ("m", "note", {"text": "他说最多三十万"}),
        ("m", "propose", {"terms": terms(5)}),
        ("m", "advance", {}),
        ("m", "adjourn", {"reason": "休息"}),
        ("m", "finish", {"outcome": "too_far_apart", "reason": "差距太大"}),
        ("m", "caucus", {"side": "applicant"}),
    ):
        assert refusal(talks, seat, act, **fields) == "in-caucus"
    assert talks.state("r1")["proposal"]["answers"] == {}
    talks.act("m", "rejoin")
    talks.act("r1", "accept", **answer)
    assert talks.state("r1")["proposal"]["answers"] == {"r1": "accept"}


@pytest.mark.parametrize("step", ["identity-check", "rights-notice", "agreement"])
def test_there_is_a_time_for_it(table, step):
    table.walk(step)
    assert refusal(table, "m", "caucus", side="applicant") == "no-caucus-now"


def test_nobody_talks_apart_with_somebody_who_is_not_there(table):
    table.walk("negotiation")
    with transaction() as session:
        session.get(Sitting, table.sitting_id).seats[0].connected = False
    assert refusal(table, "m", "caucus", side="applicant") == "nobody-there"
    assert refusal(table, "m", "rejoin") == "not-in-caucus"


def test_another_node_opens_the_room_apart(talks):
    talks.act("m", "caucus", side="applicant")
    with reading() as session:
        (opened,) = room_orders(session.get(Sitting, talks.sitting_id))
    assert opened.args["meta"]["caucus"] == ["a1", "m", "c"]


def asked(talks):
    """The mediator talks apart with the applicant and has asked whether it may be recorded."""
    talks.act("m", "caucus", side="applicant")
    talks.act("m", "ask-to-record")
    return talks


def test_it_is_recorded_from_the_moment_when_the_last_party_agrees(talks):
    asked(talks)
    with transaction() as session:
        session.get(Sitting, talks.sitting_id).bytes_on_disk = 1000
    talks.act("a1", "answer-recording", answer="agree")
    assert not talks.state("a1")["recording"]["on"]
    assert [op for op, _ in orders(talks)] == ["mark", "caucus"]  # nothing more than the parting
    assert not talks.state("a1")["caucus"]["recorded"]
    talks.act("r1", "answer-recording", answer="agree")
    apart, mark = orders(talks)
    assert apart == ("caucus", {"seats": ["a1", "m", "c"], "recorded": True})
    assert mark[1]["kind"] == "caucus-recorded"
    assert talks.state("a1")["recording"]["on"]
    assert talks.state("m")["recording"]["on"]
    assert talks.state("m")["caucus"]["recorded"]
    assert not talks.state("r1")["recording"]["on"]  # who waits is not recorded
    with reading() as session:
        (opened,) = room_orders(session.get(Sitting, talks.sitting_id))
        kept = {row.kind: row.t_ms for row in session.query(Note)}
    assert opened.args["meta"]["caucus_recorded"] is True
    assert kept["apart-recorded"] > kept["apart"]


@pytest.mark.parametrize("seat", ["a1", "r1"])
def test_one_refusal_is_enough_before_and_after(talks, seat):
    asked(talks)
    for party in ("a1", "r1"):
        talks.act(party, "answer-recording", answer="agree")
    talks.act(seat, "answer-recording", answer="refuse")
    mark, apart = orders(talks)
    assert mark[1]["kind"] == "caucus-unrecorded"
    assert apart == ("caucus", {"seats": ["a1", "m", "c"], "recorded": False})
    assert not talks.state("m")["caucus"]["recorded"]
    assert refusal(talks, "m", "ask-to-record") == "asked-already"
    with reading() as session:
        (opened,) = room_orders(session.get(Sitting, talks.sitting_id))
    assert opened.args["meta"]["caucus_recorded"] is False


def test_the_next_talk_apart_begins_unasked_and_unrecorded(talks):
    asked(talks)
    for party in ("a1", "r1"):
        talks.act(party, "answer-recording", answer="agree")
    talks.act("m", "rejoin")
    assert orders(talks)[0][1] == {"seats": []}
    talks.act("m", "caucus", side="respondent")
    told = talks.state("r1")["caucus"]
    assert (told["asked"], told["recorded"], told["mine"]) == (False, False, None)
    assert orders(talks)[1] == ("caucus", {"seats": ["r1", "m", "c"]})


def test_who_may_ask_who_may_answer_and_when(talks):
    assert refusal(talks, "m", "ask-to-record") == "not-in-caucus"
    assert refusal(talks, "a1", "answer-recording", answer="agree") == "not-in-caucus"
    talks.act("m", "caucus", side="applicant")
    assert refusal(talks, "r1", "answer-recording", answer="agree") == "not-asked"
    for seat in ("a1", "r1", "c"):
        assert refusal(talks, seat, "ask-to-record") == "not-yours"
    talks.act("m", "ask-to-record")
    for seat in ("m", "c"):
        assert refusal(talks, seat, "answer-recording", answer="agree") == "not-yours"
    assert refusal(talks, "a1", "answer-recording", answer="perhaps") == "malformed"


def test_only_the_desk_learns_who_has_said_what(talks):
    asked(talks)
    talks.act("r1", "answer-recording", answer="refuse")
    assert talks.state("m")["caucus"]["answers"] == {"r1": "refuse"}
    assert talks.state("r1")["caucus"]["mine"] == "refuse"
    assert talks.state("a1")["caucus"]["answers"] == {}
    assert talks.state("a1")["caucus"]["mine"] is None
