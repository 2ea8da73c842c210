"""What a Prometheus reads from a living node."""

import asyncio
import re
import socket
from dataclasses import replace

import aiohttp
import pytest

from odr.errors import Unavailable
from odr.mediation.media import server


@pytest.fixture
def settings(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return replace(settings, metrics_port=port)


async def scraped(settings):
    """Values by name and labels."""
    url = f"http://127.0.0.1:{settings.metrics_port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        text = await answer.text()
    return {name: float(value) for name, value in re.findall(r"(?m)^([^#\s]+) (\S+)$", text)}


def test_a_node_tells_its_numbers_and_nobodys_name(lived, kit, settings):
    async def story(house):
        empty = await scraped(settings)
        await house.ok("open", meta=kit.META)
        one, two = kit.Client(), kit.Client()
        await one.enter(house, "a", 1)
        await two.enter(house, "b", 1)
        await kit.until(lambda: min(two.got.get(i, 0) for i in (0, 1)) > 20)
        busy = await scraped(settings)
        await one.leave()
        await two.leave()
        return empty, busy

    empty, busy = lived(story)
    assert (empty["odr_rooms"], empty["odr_seats"]) == (0, 0)
    assert (busy["odr_rooms"], busy["odr_seats"]) == (1, 2)
    assert busy['odr_packets_total{fate="received"}'] > 40
    assert busy['odr_packets_total{fate="sent"}'] > 40
    assert 0 <= busy["odr_recorder_lag_seconds"] < 10
    assert busy["odr_disk_free_bytes"] > 0
    assert busy["odr_cpu_seconds_total"] > 0


def test_a_port_that_is_taken_is_said_and_leaves_nothing_open(settings):
    taken = socket.create_server(("127.0.0.1", settings.metrics_port))
    with taken, pytest.raises(Unavailable) as trouble:
        asyncio.run(server.serve(settings, web_url="http://127.0.0.1:9", node_id="n1"))
    assert trouble.value.key == "media.metrics-port"
    with socket.create_server(("127.0.0.1", settings.metrics_port)):
        pass
