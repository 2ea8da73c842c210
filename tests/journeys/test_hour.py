"""Two phones and one desktop live the whole hour through the pages alone."""

import pytest
from playwright.sync_api import expect

from odr.clock import local, now
from odr.simulation import cast
from odr.simulation.phone_network import PhoneNetwork
from tests.journeys.desk import Desk, plays
from tests.journeys.phone import Phone


@pytest.fixture
def network(served):
    return PhoneNetwork(served.where.data / "sms-simulated.jsonl")


def staff_in(page, url, login):
    page.goto(f"{url}/staff")
    page.fill("[name=login_name]", login.name)
    page.fill("[name=password]", login.password)
    page.fill("[name=totp]", login.code())
    page.click("form[action='/staff'] button.go")
    expect(page).not_to_have_url(f"{url}/staff")


def appoint(page, url, case):
    """The clerk accepts, assigns, appoints and sends the respondent her link."""
    page.goto(f"{url}/c/cases/{case}")
    page.click("form[action$='/accept'] button")
    choice = page.locator("#mediator option", has_text=cast.MEDIATOR.name)
    page.select_option("#mediator", choice.get_attribute("value"))
    page.click("form[action$='/assign'] button")
    page.fill("#starts_at", local(now()).strftime("%Y-%m-%dT%H:%M"))
    page.click("form[action$='/schedule'] button")
    page.locator("form[action$='/invite'] button", has_text=cast.RESPONDENT.name).click()
    return page.locator("#invitation").inner_text()


def test_the_hour_from_two_strangers_to_the_archive(served, logins, people, network):
    url = served.where.url
    applicant = Phone(people(served, phone=True), url)
    respondent = Phone(people(served, phone=True), url)
    clerk, desk = people(served), Desk(people(served), url)

    applicant.log_in(network, cast.APPLICANT.phone)
    applicant.register(cast.APPLICANT.name, cast.APPLICANT.id_number)
    case = applicant.apply(cast.FILING)
    staff_in(clerk, url, logins["clerk"])
    staff_in(desk.page, url, logins["mediator"])
    link = appoint(clerk, url, case)
    respondent.page.goto(link)
    seen = len(network.messages(cast.RESPONDENT.phone))
    respondent.page.click("form button.go")
    respondent.enter_code(network, cast.RESPONDENT.phone, seen)
    respondent.register(cast.RESPONDENT.name, cast.RESPONDENT.id_number)
    for phone in (applicant, respondent):
        phone.consent(case)

    link = applicant.page.locator("a[href*='/sittings/']").first.get_attribute("href")
    sitting = link.split("/sittings/")[1].split("/")[0]
    walk_in(desk, applicant, respondent, sitting)
    walk_the_script(desk, applicant, respondent)
    sign_and_finish(desk, applicant, respondent, network)
    sees_archive(clerk, url, case)
    assert case in clerk.url


def walk_in(desk, applicant, respondent, sitting):
    for phone in (applicant, respondent):
        phone.enter(sitting)
        phone.sees_plate("请稍等")
    desk.enter(sitting)
    for seat in ("a1", "r1"):
        desk.admit(seat)
    desk.open()
    for page in (desk.page, applicant.page, respondent.page):
        plays(page, 3)
    desk.sees_recording()
    applicant.sees_recording()
    for seat in ("a1", "r1"):
        desk.sees_line(seat)


def walk_the_script(desk, applicant, respondent):
    phones = (applicant, respondent)
    for seat, phone in zip(("a1", "r1"), phones, strict=True):
        phone.tap(2)
        desk.confirm(seat)
    desk.advance("rights-notice")
    for phone in phones:
        phone.tap(11)
    desk.advance("fact-confirmation")
    desk.put_facts(cast.FACTS)
    applicant.answer(cast.ANSWERS["a1"])
    respondent.answer(cast.ANSWERS["r1"])
    desk.tab("prompt")
    desk.advance("negotiation")
    desk.promise(extra="尽快来往对账。")
    desk.propose(cast.FIRST_OFFER, cast.ACCOUNT)
    desk.sees_remark("“尽快”不够明确")
    respondent.object_to(1, "plan", cast.REASON)
    desk.sees_objection("plan", cast.RESPONDENT.name, cast.REASON)
    respondent.reject(1, cast.REASON)
    desk.sees_answer("不同意", 1)
    desk.promise(extra="每月五日前对账一次。", grace="3", delivery_what="借条原件三张")
    desk.propose(cast.INSTALMENTS, cast.ACCOUNT)
    desk.is_told("“交付”只填了一部分")
    desk.promise(delivery_what="")
    desk.propose(cast.INSTALMENTS, cast.ACCOUNT)
    desk.sees_no_remark("不够明确")
    applicant.agree_to(2, "plan", "")
    respondent.agree_to(2, "plan", cast.APPLICANT.name)
    respondent.reads(2, "每期到期后还可以宽限 3 天")
    for phone in phones:
        phone.accept(2)
    desk.tab("prompt")
    desk.advance("agreement")


def sign_and_finish(desk, applicant, respondent, network):
    desk.prepare()
    for phone in (applicant, respondent):
        phone.tap(2)
    desk.tab("prompt")
    desk.advance("signing")
    applicant.sign(network, cast.APPLICANT.phone)
    respondent.sign(network, cast.RESPONDENT.phone)
    desk.tab("terms")
    desk.sign()
    desk.finish("agreement")
    applicant.sees_plate("调解结束")


def sees_archive(clerk, url, case):
    def archived():
        clerk.goto(f"{url}/c/cases/{case}")
        return clerk.locator(".chip", has_text="已归档移交").count() > 0

    for _ in range(200):
        if archived():
            break
        clerk.wait_for_timeout(500)
    assert archived()
    clerk.goto(f"{url}/c/cases/{case}/audit")
    film = clerk.locator("#film")
    expect(film).to_be_visible()
    film.evaluate("video => video.play()")
    plays(clerk, 1)
