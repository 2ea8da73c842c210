"""Two media nodes, one stopped in its sleep: the room lives on the other within seconds, films included."""

import os
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import mixed as rooms
from tests.journeys.conftest import serve, stop
from tests.journeys.desk import plays
from tests.journeys.test_room_trouble import children, manifest, until

BACK_SECONDS = 5


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    running = serve(tmp_path_factory.mktemp("odr"), ODR_MEDIA_NODES="2")
    yield running
    stop(running)


@pytest.fixture
def mixed(served, people, appointment):
    room = rooms.sit_down(served, people, appointment)
    yield room
    room.leave()


def test_a_node_that_hangs_is_replaced_by_the_other(mixed, served):
    rooms.walk_to_rights(mixed)
    nodes = children(served, b"media")
    assert len(nodes) == 2
    folder, _ = manifest(served)
    holder = next(pid for pid in nodes if holds(pid, folder))
    os.kill(holder, signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        mixed.robot.until("called back", lambda _: mixed.robot.reattached, seconds=20)
        assert time.monotonic() - stopped <= BACK_SECONDS
        mixed.robot.until_connected()
        plays(mixed.phone.page, 3)
        mixed.desk.sees_recording()
        expect(mixed.desk.page.locator("#banner")).to_be_hidden()
    finally:
        os.kill(holder, signal.SIGCONT)
    until(lambda: not holds(holder, folder), 20)
    _folder, rows = manifest(served)
    assert [row["body"]["why"] for row in rows if row["body"]["kind"] == "gap"][-1] == "crash"


def holds(pid, folder):
    """Whether a process has a film of that recording open."""
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return any(link.startswith(str(folder)) for link in links)
