import threading

import pytest
from sqlalchemy import select

from odr.db import reading
from odr.errors import NotFound, Refused
from odr.mediation import service, signaling
from odr.mediation.acts import VERBS
from odr.mediation.models import StepRecord


def test_every_message_has_its_verb():
    assert set(VERBS) == set(signaling.HANDLERS)


def test_two_who_walk_at_once_walk_one_step(app, table):
    table.begin()
    table.do_step("identity-check")
    refused = []

    def walk():
        with app.app_context():
            try:
                service.perform(table.bench, table.ref("m"), signaling.Act("advance"))
            except Refused as error:
                refused.append(error.key)

    threads = [threading.Thread(target=walk) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(refused) == 1
    with reading() as session:
        assert len(session.scalars(select(StepRecord)).all()) == 2


def test_leaving_the_door_ends_the_waiting(table):
    table.arrive("m", "a1")
    service.leave(table.bench, table.ref("a1"))
    assert not table.state()["seats"][0]["waiting"]


def test_who_is_let_in_keeps_the_chair(table):
    table.begin()
    service.leave(table.bench, table.ref("a1"))
    assert table.state("a1")["me"]["admitted"]


def test_a_camera_may_be_put_away(table):
    table.begin()
    service.detach(table.bench, table.ref("a1"))
    assert table.media.ops()[-1] == "detach"


def test_muting_names_the_seat_and_makes_no_new_version(table):
    table.begin()
    before = table.state()["version"]
    assert table.act("m", "mute", seat="a1") == {"mute": "a1"}
    assert table.state()["version"] == before
    with pytest.raises(Refused):
        table.act("m", "mute", seat="z9")


def test_an_unknown_person_does_not_arrive(table):
    with pytest.raises(NotFound):
        service.arrive(table.bench, service.Ref(table.sitting_id, "a1", table.people["x"]))
