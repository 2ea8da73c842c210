"""What goes wrong in a room, in real browsers: cut off, adjourned, a killed media process, no agreement."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from odr.simulation.hour import tap_all
from tests.journeys import mixed as rooms
from tests.journeys.desk import plays

BACK_SECONDS = 5


@pytest.fixture
def mixed(served, people, appointment):
    room = rooms.sit_down(served, people, appointment)
    yield room
    room.leave()


def manifest(served):
    newest = max(served.where.data.glob("recordings/*/manifest.jsonl"), key=os.path.getmtime)
    return newest.parent, [json.loads(line) for line in newest.read_text().splitlines()]


def until(true, seconds):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(served, word):
    """The processes that ``odr serve`` has begun with this word in their command."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if word in words and parent == str(served.process.pid):
            found.append(int(entry.name))
    return sorted(found)


def media_pid(served):
    """The media process of this installation."""
    return next(iter(children(served, b"media")), None)


def test_a_party_who_drops_comes_back_into_the_same_step(mixed, appointment):
    rooms.walk_to_rights(mixed)
    mixed.phone.tap(3)
    mixed.phone.page.goto("about:blank")
    chip = mixed.desk.page.locator("#people [data-seat=a1] .chip").first
    expect(chip).not_to_have_text("在场", timeout=20_000)
    mixed.phone.enter(appointment.sitting)
    mixed.desk.sees_here("a1")
    mixed.phone.sees("4 / 11")  # three were touched before the line broke
    mixed.phone.tap(8)
    tap_all(mixed.robot)
    mixed.desk.advance("fact-confirmation")


def test_an_adjourned_session_keeps_its_step_and_stops_the_film(mixed, served):
    rooms.walk_to_rights(mixed)
    mixed.phone.tap(2)
    mixed.desk.adjourn("双方需要十分钟商量")
    mixed.phone.sees_plate("休会")
    assert mixed.robot.until("adjourned", lambda s: s["status"] == "adjourned")["step"] == (
        "rights-notice"
    )
    mixed.desk.resume()
    mixed.phone.sees_no_plate()
    mixed.phone.sees("3 / 11")
    mixed.desk.sees_recording()
    mixed.desk.finish("other", "演练结束")
    _folder, rows = manifest(served)
    assert "gap" in json.dumps(rows)


def test_no_agreement_ends_with_a_reason_and_is_archived_too(mixed, served, appointment):
    rooms.walk_to_rights(mixed)
    mixed.desk.finish("too_far_apart", "双方对金额分歧较大")
    mixed.phone.sees_plate("调解结束")
    clerk = appointment.house.clerk

    def archived():
        return "已归档移交" in clerk.open(f"/c/cases/{appointment.case}").text

    until(archived, 60)
    assert "分歧较大" in clerk.page.text


def test_a_killed_media_process_costs_seconds_and_the_gap_is_declared(mixed, served):
    rooms.walk_to_rights(mixed)
    killed = media_pid(served)
    os.kill(killed, signal.SIGKILL)
    begun = time.monotonic()
    until(lambda: mixed.robot.reattached > 0, BACK_SECONDS)
    until(lambda: mixed.robot.peer.state == "connected", BACK_SECONDS)
    mixed.desk.sees_here("a1")
    assert time.monotonic() - begun < BACK_SECONDS
    plays(mixed.phone.page, 3)
    assert media_pid(served) != killed
    mixed.desk.sees_recording()
    mixed.desk.finish("other", "演练结束")
    folder, rows = manifest(served)
    assert any("gap" in json.dumps(row) for row in rows)
    films = sorted(folder.glob("*.webm"))
    assert len(films) >= 6
    for film in films:
        subprocess.run(
            ["ffprobe", "-v", "error", "-count_packets", "-show_streams", str(film)],
            check=True,
            capture_output=True,
        )
