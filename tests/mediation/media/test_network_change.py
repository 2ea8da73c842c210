"""A client that changes its network, and a stranger with the client's own packets."""

import asyncio
import random

import pytest

from odr.mediation.media.engine import NAMES
from tests.mediation.media.lossy import CLEAR, Link, Weather
from tests.mediation.media.mutations import wrong_bytes
from tests.mediation.media.test_lossy import ON_THE_WAY, meet, part, sound_in


@pytest.fixture(params=NAMES)
def engine(request):
    return request.param


def test_a_client_that_comes_from_another_port_is_heard_and_hears(lived, kit):
    async def story(house):
        link, one, two, _ = await meet(house, kit, seed=3)
        await link.rebind()
        before = dict(two.got), dict(one.got)
        await kit.until(lambda: all(two.got[i] > before[0][i] + 20 for i in (0, 1)))
        await kit.until(lambda: all(one.got[i] > before[1][i] + 60 for i in (0, 1)))
        assert "seat-lost" not in house.types()
        await part(link, one, two)

    lived(story)


def test_packets_from_a_stranger_are_not_heard(lived, kit, settings):
    async def story(house):
        link, one, two, _ = await meet(house, kit, seed=4)
        link.up = Weather(loss=0.3)
        await kit.until(lambda: sum(data[1] & 127 == link.audio for data in link.held) > 20)
        stranger = await Link(5).start()
        stranger.node = link.node
        for data in link.held:  # good ciphertext the node has never seen
            stranger._to_node(data)
        link.up = CLEAR
        sent = len(link.passed[link.audio])
        await kit.until(lambda: len(link.passed[link.audio]) > sent + 20)
        arrived = len(link.passed[link.audio])
        await house.ok("close")
        stranger.stop()
        await part(link, one, two)
        return arrived, len(link.passed[link.audio])

    arrived, in_all = lived(story)
    on_disk = sound_in(settings.recordings_dir / "r1" / "a.1.webm")
    assert arrived - ON_THE_WAY <= on_disk <= in_all


def test_rubbish_from_the_proved_address_is_refused_and_the_room_goes_on(lived, kit):
    async def story(house):
        link, one, two, _ = await meet(house, kit, seed=6)
        chance = random.Random(6)
        link.up = Weather(loss=0.3)
        await kit.until(lambda: len(link.held) > 30)
        link.up = CLEAR
        for number in range(2000):
            link._to_node(wrong_bytes(link.held[number % 30], chance))
            if number % 100 == 0:
                await asyncio.sleep(0)
        before = dict(two.got)
        await kit.until(lambda: all(two.got[i] > before[i] + 20 for i in (0, 1)))
        assert "seat-lost" not in house.types()
        await part(link, one, two)

    lived(story)
