"""The room's live door: tickets, acts, states; and the door for media nodes, with a real server."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import socketio as wire_io
from socketio.exceptions import ConnectionError as NotLetIn
from sqlalchemy import select

from odr import chain, clock
from odr.db import reading
from odr.mediation import wire
from odr.mediation.media_port import Order
from odr.mediation.models import Note
from odr.mediation.models import Session as Sitting
from odr.mediation.room import Names
from odr.settlement.authority import Authority
from odr.web.sockets import Bucket
from tests.fakes import FakeMedia
from tests.web.room_house import entered, part, running


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.load(tmp_path_factory.mktemp("secrets"), Names().organisation)


@pytest.fixture
def house(tmp_path, authority):
    with running(tmp_path, authority, media=FakeMedia()) as opened:
        yield opened


@pytest.fixture
def bare(tmp_path, authority):
    """The same without a fake node: real ones must dial in."""
    with running(tmp_path, authority, media=None) as opened:
        opened.app.extensions["odr-media"].silent_seconds = 60.0  # these nodes do not beat
        yield opened


def refused(house, ticket):
    with pytest.raises(NotLetIn) as caught, entered(house, "a1", ticket, transport="polling"):
        pass
    return str(caught.value)


def test_a_ticket_opens_the_door_once(house):
    ticket = house.ticket("a1")
    with entered(house, "a1", ticket) as page:
        state = page.until("state", lambda one: one["seats"][0]["waiting"])
        assert state["me"] == {
            "seat": "a1",
            "role": "applicant",
            "label": "陈建国",
            "admitted": False,
        }
    assert refused(house, ticket)


@pytest.mark.parametrize("ticket", ["", "x.y.z", "e30.e30.e30"])
def test_without_a_ticket_the_door_stays_closed(house, ticket):
    assert refused(house, ticket or "-")


def test_another_page_of_the_same_seat_takes_over(house):
    with entered(house, "a1") as old, entered(house, "a1") as new:
        old.until("kicked", lambda _: True)
        old.until("disconnect", lambda _: True)
        assert new.act("sync", last_version=0)["state"]["me"]["seat"] == "a1"


def test_a_ticket_is_overtaken_by_a_newer_connection_of_the_seat(house):
    house.table.begin()
    early = house.ticket("a1")
    with entered(house, "a1") as page:
        assert page.call("attach", {"sdp": "v=0\r\n"})["ok"]
    assert refused(house, early)


def test_everyone_sees_each_change_numbered(house):
    with entered(house, "m") as mediator, entered(house, "a1") as party:
        assert mediator.act("admit", seat="a1") == {"ok": True}
        state = party.until("state", lambda one: one["me"]["admitted"])
        assert party.call("attach", {"sdp": "v=0\r\n"})["slots"] == ["m", None, None]
        party.act("say", text="听得到吗")
        later = mediator.until("state", lambda one: one["notes"])
        assert later["version"] > state["version"]


def test_a_refusal_is_a_sentence_and_never_a_traceback(house):
    with entered(house, "a1") as page:
        for answer in (
            page.act("advance"),
            page.act("erase"),
            page.call("act", ["what"]),
            page.call("attach", {"sdp": 7}),
            page.call("attach", {"sdp": "v=0"}),
        ):
            assert answer["ok"] is False
            assert "。" in answer["error"]
            assert "Traceback" not in answer["error"]


def test_a_message_of_five_megabytes_closes_only_its_own_socket(house):
    with entered(house, "m") as mediator:
        with entered(house, "a1") as page:
            page.socket.emit("act", {"type": "say", "text": "x" * 5_000_000}, namespace="/room")
            page.until("disconnect", lambda _: True)
        assert mediator.act("sync")["ok"]
        with entered(house, "a1") as again:
            assert again.act("sync")["ok"]


def test_twenty_messages_a_second_are_heard():
    bucket = Bucket(at=100.0)
    assert [bucket.take(100.0) for _ in range(21)] == [True] * 20 + [False]
    assert bucket.take(100.1)
    assert not Bucket(left=0.5, at=100.0).take(100.0)


def test_a_flood_is_told_to_wait(house):
    with entered(house, "a1") as page:
        answers = [page.act("sync") for _ in range(60)]
    assert {one.get("key") for one in answers} <= {None, "mediation.too-fast"}
    assert answers[0]["ok"]


def test_only_our_own_pages_may_connect(house):
    socket = wire_io.Client(reconnection=False)
    with pytest.raises(NotLetIn):
        socket.connect(
            house.url,
            auth={"ticket": house.ticket("a1")},
            namespaces=["/room"],
            transports=["websocket"],
            headers={"Origin": "https://evil.example"},
        )


@dataclass
class Node:
    """A media node as the web sees it, with a FakeMedia inside."""

    socket: wire_io.Client
    media: FakeMedia = field(default_factory=FakeMedia)
    commands: list = field(default_factory=list)
    deaf: set = field(default_factory=set)
    own: list = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def event(self, seq, type_, body, room, epoch=1):
        raw = {"node": "n1", "room": room, "epoch": epoch, "seq": seq, "type": type_, "body": body}
        return self.socket.call("event", raw, namespace="/media", timeout=10)


@contextmanager
def node(house, name="n1", rooms=()):
    """Dial in as a media node."""
    socket = wire_io.Client(reconnection=False)
    one = Node(socket)

    @socket.on("command", namespace="/media")
    def command(body):
        one.commands.append(body)
        if body["op"] in one.deaf:
            one.deaf.discard(body["op"])
            one.released.wait(10)
        if body["args"].get("sdp", "").startswith("v=0 hostile"):
            return {"ok": False, "error": "mediation.media-refused", "values": {}}
        result = one.media.command(body["room"], body["epoch"], Order(body["op"], body["args"]))
        return {"ok": True, "result": result}

    secret = house.app.extensions["odr"].settings.service_secret
    token = wire.service_token(secret, name, clock.now())
    socket.connect(
        house.url,
        auth={"token": token},
        namespaces=["/media"],
        transports=["websocket"],
        wait_timeout=10,
    )
    body = {"id": name, "capacity": 4, "version": "1", "rooms": list(rooms)}
    answer = socket.call("register", body, namespace="/media", timeout=10)
    assert answer["ok"]
    one.own = answer["rooms"]
    try:
        yield one
    finally:
        part(socket)


def room_of(house):
    with reading() as session:
        return session.get(Sitting, house.table.sitting_id).room


def test_a_node_needs_the_service_secret(bare):
    socket = wire_io.Client(reconnection=False)
    with pytest.raises(NotLetIn):
        socket.connect(bare.url, auth={"token": "x"}, namespaces=["/media"])


def test_without_a_node_nothing_is_lost_and_the_sentence_says_wait(bare):
    bare.table.arrive("m")
    with entered(bare, "m") as page:
        answer = page.call("attach", {"sdp": "v=0\r\n"})
        assert (answer["ok"], answer["key"]) == (False, "mediation.media-away")


def test_the_hour_begins_on_a_real_node(bare):
    with node(bare) as one:
        bare.table.begin()
        ops = [body["op"] for body in one.commands]
        assert ops == ["open", "pause", "attach", "attach", "attach", "resume", "mark"]
        assert {body["epoch"] for body in one.commands} == {1}
        assert len({body["cmd_id"] for body in one.commands}) == len(ops)
        assert "陈建国" not in str(one.commands)


def test_events_reach_the_rows_and_the_pages(bare):
    with node(bare) as one:
        bare.table.begin()
        room = room_of(bare)
        with entered(bare, "a1") as page:
            body = {"bytes_on_disk": 4096, "head_seq": 3, "head": "ab" * 32, "t_ms": 1200}
            assert one.event(1, "recording", body, room) == {"ok": True}
            light = page.until("recording", lambda _: True)
            assert light == {"bytes": 4096, "t_ms": 1200, "head": "ab" * 32, "head_seq": 3}
            one.event(2, "seat-lost", {"seat": "r1", "seat_epoch": 1}, room)
            page.until("state", lambda state: not state["seats"][1]["connected"])
            one.event(3, "slots", {"a1": ["m", "r1"]}, room)
            assert page.until("slots", lambda _: True) == {"slots": ["m", "r1"]}
            one.event(4, "speaker", {"seat": "m"}, room)
            assert page.until("speaker", lambda _: True) == {"seat": "m"}
            one.event(5, "pictures", {"a1": {"m": "network"}, "m": {"a1": "codec"}}, room)
            held = page.until("pictures", lambda _: True)
            assert held == {"pictures": {"m": "network"}}
            assert bare.table.state()["recording"]["bytes"] == 4096


def test_a_lost_node_is_replaced_and_everyone_is_called_back(bare):
    with node(bare) as first:
        bare.table.begin()
        with entered(bare, "a1") as page:
            started = clock.monotonic()
            part(first.socket)
            page.until("state", lambda one: not any(s["connected"] for s in one["seats"]))
            with node(bare, "n2") as second:
                page.until("reattach", lambda _: True)
                assert clock.monotonic() - started < 5
                assert [(b["op"], b["epoch"]) for b in second.commands] == [("open", 2)]
                assert page.call("attach", {"sdp": "v=0\r\n"})["seat_epoch"] == 2
                assert second.commands[-1]["epoch"] == 2
    with reading() as session:
        assert session.get(Sitting, bare.table.sitting_id).epoch >= 2
        assert "gap" in session.scalars(select(Note.kind)).all()


def test_a_node_that_is_silent_is_taken_for_dead_and_may_not_come_back_with_the_room(bare):
    gateway = bare.app.extensions["odr-media"]
    with node(bare) as first, entered(bare, "a1") as page:
        bare.table.begin()
        room = room_of(bare)
        with node(bare, "n2") as second:
            first.socket.call("beat", {"busy": 0.5}, namespace="/media", timeout=10)
            assert gateway._nodes["n1"].load == 0.5
            gateway._nodes["n1"].heard = float("-inf")  # it was stopped; its connection is open
            page.until("reattach", lambda _: True)
            assert [(b["op"], b["epoch"]) for b in second.commands] == [("open", 2)]
            first.socket.wait()  # it is shown the door
            with node(bare, "n1", rooms=[{"room": room, "epoch": 1, "recording": True}]) as zombie:
                assert zombie.own == []
                late = {"bytes_on_disk": 9_999, "head": "ff" * 32, "head_seq": 99, "t_ms": 1}
                zombie.event(1, "recording", late, room, epoch=1)
    with reading() as session:
        assert session.get(Sitting, bare.table.sitting_id).bytes_on_disk != 9_999


def test_a_web_restart_leaves_the_rooms_where_they_are(bare):
    with node(bare):
        bare.table.begin()
        room = room_of(bare)
        gateway = bare.app.extensions["odr-media"]
        gateway._nodes.clear()  # what a restarted web knows: nothing
        with node(bare, "n1", rooms=[{"room": room, "epoch": 1, "recording": True}]) as back:
            bare.table.act("a1", "say", text="还在")
            assert [(body["op"], body["epoch"]) for body in back.commands] == [("mark", 1)]


def test_a_node_that_does_not_come_back_after_a_web_restart_is_replaced(bare):
    with node(bare):
        bare.table.begin()
        gateway = bare.app.extensions["odr-media"]
        gateway._nodes.clear()
        gateway.grace_seconds = 0.0
        with entered(bare, "a1") as page, node(bare, "n2") as second:
            page.until("reattach", lambda _: True)
            assert second.commands[0]["op"] == "open"


def test_what_a_node_refuses_is_said_in_a_sentence(bare):
    with node(bare):
        bare.table.begin()
        with entered(bare, "a1") as page:
            answer = page.call("attach", {"sdp": "v=0 hostile"})
            assert answer["ok"] is False
            assert "。" in answer["error"]


def test_a_command_that_is_lost_is_sent_once_more_with_the_same_id(bare):
    with node(bare) as one:
        bare.table.begin()
        one.commands.clear()
        one.deaf.add("mark")
        bare.app.extensions["odr-media"].ack_seconds = 0.3
        bare.table.act("a1", "say", text="喂")
        one.released.set()
        assert [body["op"] for body in one.commands] == ["mark", "mark"]
        assert len({body["cmd_id"] for body in one.commands}) == 1


def test_a_tap_travels_from_the_page_to_the_film(bare):
    with node(bare) as one:
        bare.table.begin()
        with entered(bare, "a1") as page:
            item = page.act("sync")["state"]["card"]["items"][0]
            digest = chain.digest(item["text"].encode())
            assert page.act("tap", item=item["key"], text_hash=digest) == {"ok": True}
            assert one.commands[-1]["args"]["kind"] == "tap"
