"""The mediator talks apart with one side, in real browsers: who waits knows it and hears nothing."""

import pytest
from playwright.sync_api import expect

from odr.simulation.hour import tap_all
from tests.journeys import mixed as rooms
from tests.journeys.desk import plays

COUNTED = """
() => {
  window.asked = 0;
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => { window.asked += 1; return ask(wanted); };
}"""
RECEIVED = """
() => [...document.querySelectorAll("[data-seat]:not(.own) video")].map(
  (video) => video.getVideoPlaybackQuality().totalVideoFrames).reduce((a, b) => a + b, 0)"""
MORE = f"""
(count) => new Promise((fine, sorry) => {{
  const end = Date.now() + 20000;
  const look = () => {{
    const now = ({RECEIVED})();
    if (now >= count) fine(now);
    else if (Date.now() > end) sorry(new Error(`${{now}} of ${{count}} pictures came`));
    else setTimeout(look, 100);
  }};
  look();
}})"""


@pytest.fixture
def facts(served, people, appointment):
    """A phone (applicant), a desk and a robot (respondent) at the confirmation of the facts."""
    room = rooms.sit_down(served, people, appointment)
    rooms.walk_to_rights(room)
    tap_all(room.robot)
    room.phone.tap(11)
    room.desk.advance("fact-confirmation")
    room.phone.page.evaluate(COUNTED)
    yield room
    room.leave()


def test_who_waits_sees_that_she_waits_and_comes_back_without_being_asked_again(facts):
    phone, desk, robot = facts.phone.page, facts.desk.page, facts.robot
    desk.click("#people [data-seat=r1] [data-do=apart]")
    facts.phone.sees_plate("请稍等")
    expect(phone.locator("#plate-text")).to_contain_text("调解员正在与被申请人单独谈话")
    expect(phone.locator("#rec-text")).to_have_text("未录制")
    expect(desk.locator("#banner")).to_contain_text("正在与被申请人单独谈话")
    expect(desk.locator("#rec-text")).to_have_text("单独谈话，不录制")
    assert robot.until("apart", lambda state: state["caucus"])["caucus"]["inside"]
    still, heard = phone.evaluate(RECEIVED), dict(robot.peer.pictures)
    slot = robot.slots.index("m")
    robot.until("pictures of the desk", lambda _: robot.peer.pictures[slot] > heard[slot] + 30)
    assert phone.evaluate(RECEIVED) <= still + 2
    other = robot.slots.index("a1")
    assert robot.peer.pictures[other] <= heard[other] + 2
    desk.click("[data-do=rejoin]")
    facts.phone.sees_no_plate()
    assert phone.evaluate(MORE, still + 30) >= still + 30
    plays(phone, 3)
    facts.desk.sees_recording()
    expect(desk.locator("#banner")).to_be_hidden()
    assert phone.evaluate("() => window.asked") == 0


def test_who_is_inside_is_told_that_nobody_else_hears(facts):
    facts.desk.page.click("#people [data-seat=a1] [data-do=apart]")
    facts.phone.sees_plate("单独谈话")
    expect(facts.phone.page.locator("#plate-text")).to_contain_text("对方听不到，不录音录像")
    assert not facts.robot.until("apart", lambda state: state["caucus"])["caucus"]["inside"]
    facts.desk.page.locator("#quick-note").fill("他说最多三十万")
    facts.desk.page.locator("#quick-form button").click()
    expect(facts.desk.page.locator("body")).to_contain_text("请等大家回到一起")
    facts.desk.page.click("[data-do=rejoin]")
    facts.phone.sees_no_plate()


def test_it_is_recorded_only_when_both_sides_agree_and_stops_when_one_does_not(facts):
    phone, desk, robot = facts.phone, facts.desk.page, facts.robot
    desk.click("#people [data-seat=r1] [data-do=apart]")
    phone.sees_plate("请稍等")
    desk.click("[data-do=ask-to-record]")
    expect(desk.locator("#banner")).to_contain_text("各方都同意才录")
    phone.sees_plate("单独谈话可以录下来吗")
    robot.act("answer-recording", answer="agree")
    expect(phone.page.locator("#rec-text")).to_have_text("未录制")
    phone.page.get_by_role("button", name="同意录制", exact=True).click()
    expect(phone.page.locator("#plate-text")).to_contain_text("各方都同意录下来")
    expect(phone.page.locator("#rec-text")).to_have_text("未录制")  # she waits, she is not recorded
    expect(desk.locator("#banner")).to_contain_text("各方同意，正在录音录像")
    facts.desk.sees_recording()
    phone.page.get_by_role("button", name="不再同意录制").click()
    expect(desk.locator("#banner")).to_contain_text("有人不同意录制")
    expect(desk.locator("#rec-text")).to_have_text("单独谈话，不录制")
    desk.click("[data-do=rejoin]")
    phone.sees_no_plate()
    facts.desk.sees_recording()


def test_who_is_inside_may_refuse_and_is_not_asked_again(facts):
    desk = facts.desk.page
    desk.click("#people [data-seat=a1] [data-do=apart]")
    facts.phone.sees_plate("单独谈话")
    desk.click("[data-do=ask-to-record]")
    facts.phone.sees_plate("这次谈话可以录下来吗")
    facts.phone.page.get_by_role("button", name="不同意").click()
    expect(facts.phone.page.locator("#plate-text")).to_contain_text("不录音录像")
    expect(desk.locator("#banner")).to_contain_text("有人不同意录制")
    expect(desk.locator("[data-do=ask-to-record]")).to_have_count(0)
    facts.robot.act("answer-recording", answer="agree")
    expect(desk.locator("#rec-text")).to_have_text("单独谈话，不录制")
