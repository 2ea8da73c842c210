"""Which engine a node gets, and what it tells phones to dial."""

import asyncio

import pytest

from odr.errors import Refused, Unavailable
from odr.mediation.media.adapter import Connection, Hooks
from odr.mediation.media.engine import NAMES, Ears, Place
from odr.mediation.media.engines import make
from odr.mediation.media.sdp import read_offer
from tests.mediation.media.test_sdp import offer

HERE = Place("127.0.0.1", (20_000, 60_000))


def made(name, place=HERE):
    """The name of the engine that is made; it is stopped again."""

    async def story():
        engine = make(name, place)
        engine.stop()
        return engine.name

    return asyncio.run(story())


def test_this_machine_has_every_engine_and_takes_the_fastest_first():
    assert [made(name) for name in NAMES] == list(NAMES)
    assert made("") == NAMES[0]


def test_an_engine_nobody_knows_is_refused_with_the_names_there_are():
    with pytest.raises(Refused) as refusal:
        made("turbo")
    assert refusal.value.key == "media.no-engine"
    assert refusal.value.values["names"] == "native, fast, hook"


@pytest.mark.parametrize("name", ["native", "fast"])
def test_an_engine_that_cannot_bind_here_is_unavailable_by_name_and_passed_over_without(name):
    for host in ("::1", "media.example"):
        place = Place(host, HERE.ports)
        with pytest.raises(Unavailable) as trouble:
            made(name, place)
        assert trouble.value.key == "media.engine-missing"
        assert made("", place) == "hook"


@pytest.mark.parametrize("name", ["native", "fast"])
def test_phones_are_told_the_public_address_of_a_node_behind_a_translator(name):
    async def story():
        engine = make(name, Place("127.0.0.1", HERE.ports, public="203.0.113.7"))
        ears = Ears(lambda _: None, lambda _: None, lambda _data, _at: None)
        connection = Connection(Hooks(ears, lambda _state: None, engine))
        answer = await connection.answer(read_offer(offer(slots=1)))
        await connection.close()
        port = engine.hub.port
        engine.stop()
        return answer, port

    answer, port = asyncio.run(story())
    said = [row.split() for row in answer.splitlines() if row.startswith("a=candidate")]
    assert {(row[4], row[5]) for row in said} == {("203.0.113.7", str(port))}
