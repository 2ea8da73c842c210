import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from odr.audit import AuditRow
from odr.db import reading, transaction
from odr.mediation import nodes
from odr.mediation.models import NodeEvent, Note
from odr.mediation.models import Session as Sitting
from odr.mediation.nodes import Happening
from tests.mediation.conftest import NOW


@pytest.fixture
def room(table):
    table.begin()
    with reading() as session:
        return session.get(Sitting, table.sitting_id).room


def told(room, type_, body, *, seq=1, epoch=1):
    with transaction() as session:
        return nodes.store(session, Happening("fake", room, epoch, seq, type_, body), NOW)


def test_a_room_is_placed_once_per_epoch(table, room):
    with transaction() as session:
        assert nodes.place(session, room, 1, "other")
        assert not nodes.place(session, room, 1, "third")
    with reading() as session:
        sitting = session.get(Sitting, table.sitting_id)
        assert (sitting.node, sitting.epoch) == ("other", 2)


def test_an_event_is_stored_once_and_only_in_its_epoch(table, room):
    body = {"seat": "a1", "seat_epoch": 1}
    assert told(room, "seat-lost", body, seq=4) == table.sitting_id
    assert told(room, "seat-connected", body, seq=4) is None
    assert told(room, "seat-connected", body, seq=5, epoch=0) is None
    assert not table.state()["seats"][0]["connected"]
    assert told(room, "seat-connected", body, seq=6) == table.sitting_id
    assert table.state()["seats"][0]["connected"]


def test_the_end_of_an_old_connection_does_not_disconnect_the_new_one(table, room):
    table.connect("a1")
    told(room, "seat-lost", {"seat": "a1", "seat_epoch": 1})
    assert table.state()["seats"][0]["connected"]


def test_bytes_on_disk_light_the_recording_light(table, room):
    body = {"bytes_on_disk": 4096, "head_seq": 9, "head": "ab" * 32, "t_ms": 7000}
    assert told(room, "recording", body) == table.sitting_id
    assert told(room, "recording", body, seq=2) is None
    light = table.state()["recording"]
    assert light == {"on": True, "bytes": 4096, "t_ms": 7000, "head": "ab" * 32, "head_seq": 9}


def test_a_disk_that_runs_full_adjourns_the_session(table, room):
    told(room, "disk-low", {})
    assert table.state()["status"] == "adjourned"
    assert table.state()["notes"][-1]["kind"] == "gap"


def test_the_quality_of_a_line_is_a_word(table, room):
    told(room, "quality", {"a1": {"loss": 0.2, "word": "poor"}, "r1": "?"})
    assert [seat["quality"] for seat in table.state()["seats"][:2]] == ["poor", ""]


def test_a_lost_node_leaves_an_orphan_a_gap_and_nobody_connected(table, room):
    with transaction() as session:
        assert nodes.lose(session, "fake", NOW) == [table.sitting_id]
    state = table.state()
    assert not any(seat["connected"] for seat in state["seats"])
    assert not state["recording"]["on"]
    with transaction() as session:
        assert session.scalars(select(Note.kind)).all() == ["gap"]
        (orphan,) = nodes.orphans(session)
        assert (orphan.room, orphan.epoch) == (room, 1)
        assert [order.op for order in orphan.orders] == ["open"]
        assert orphan.orders[0].args["meta"]["session"] == str(table.sitting_id)
        nodes.place(session, room, 1, "other")
        nodes.recovered(session, table.sitting_id, {"head": "cd" * 32, "seq": 30}, NOW)
        assert nodes.orphans(session) == []
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.seq)).all()
        assert actions[-2:] == ["media:lost", "media:recovered"]


def test_a_room_lost_in_an_adjournment_comes_back_paused(table, room):
    table.act("m", "adjourn", reason="")
    with transaction() as session:
        nodes.lose(session, "fake", NOW)
        (orphan,) = nodes.orphans(session)
        assert [order.op for order in orphan.orders] == ["open", "pause"]


def test_a_node_that_comes_back_keeps_only_what_is_its_own(table, room):
    with transaction() as session:
        assert nodes.reconcile(session, "fake", {room: 1}, NOW) == ([room], [])
        assert nodes.reconcile(session, "fake", {room: 0}, NOW) == ([], [table.sitting_id])


def test_a_node_that_starts_afresh_counts_its_events_from_one(table, room):
    told(room, "seat-lost", {"seat": "a1", "seat_epoch": 1}, seq=40)
    with transaction() as session:
        nodes.reconcile(session, "fake", {}, NOW)
        assert session.get(NodeEvent, "fake").seq == 0


def test_a_malformed_event_changes_nothing(table, room):
    event = Happening.read({"node": "fake", "room": room, "epoch": 1, "seq": 3, "body": "?"})
    with transaction() as session:
        assert nodes.store(session, event, NOW) is None


@given(st.integers(0, 100), st.integers(1, 100), st.floats(-1, 5))
def test_a_node_is_as_full_as_its_rooms_or_its_processor(rooms, capacity, busy):
    full = nodes.load(rooms, capacity, busy)
    assert full >= rooms / capacity
    assert full >= min(max(busy, 0), 1)
    assert full in {rooms / capacity, min(max(busy, 0.0), 1.0)}
