"""What pages ask of the room over HTTP."""

import re

import pytest

from odr.mediation.room import Names
from odr.settlement.authority import Authority
from tests.fakes import FakeMedia
from tests.mediation.conftest import STROKES, terms
from tests.web.room_house import running


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.load(tmp_path_factory.mktemp("secrets"), Names().organisation)


@pytest.fixture
def house(tmp_path, authority):
    with running(tmp_path, authority, media=FakeMedia()) as opened:
        yield opened


def test_each_gets_a_ticket_for_her_own_seat(house):
    for seat in ("a1", "r1", "m", "c"):
        assert house.post(seat, "ticket").json["seat"] == seat


def test_a_stranger_gets_nothing(house):
    for answer in (house.post("x", "ticket"), house.get("x", "state"), house.post("x", "sign")):
        assert answer.status_code == 404
        assert set(answer.json) == {"ok", "error", "key"}


def test_nobody_in_particular_is_asked_to_log_in(house):
    path = f"/api/sittings/{house.table.sitting_id}/state"
    assert house.app.test_client().get(path).status_code == 401


def test_a_form_from_elsewhere_is_refused(house):
    path = f"/api/sittings/{house.table.sitting_id}/ticket"
    assert house.client("a1").post(path, json={}).status_code == 403


def test_the_state_is_told_in_the_readers_language(house):
    house.table.begin()
    assert house.get("a1", "state").json["steps"][0]["title"] == "核对身份"
    browser = house.client("a1")
    browser.set_cookie("lang", "en")
    path = f"/api/sittings/{house.table.sitting_id}/state"
    assert browser.get(path).json["steps"][0]["title"] == "Identity check"


def test_terms_can_be_put_on_the_table(house):
    house.table.walk("negotiation")
    assert house.post("m", "propose", {"terms": terms()}).json["number"] == 1
    assert house.post("a1", "propose", {"terms": terms()}).status_code == 409
    assert house.post("m", "propose", {"terms": "?"}).json["key"] == "mediation.malformed"


def signed(house, seat, **changes):
    shown = house.table.state()["agreement"]["content_hash"]
    return house.post(seat, "sign", {"strokes": STROKES, "shown_hash": shown, **changes})


def prove(house, seat):
    attempt = house.post(seat, "step-up").json["attempt"]
    code = re.search(r"\d{6}", house.sms.sent[-1][1]).group()
    return house.post(seat, "step-up/confirm", {"attempt": attempt, "code": code})


def test_a_party_signs_only_with_a_fresh_code(house):
    house.table.walk("signing")
    answer = signed(house, "a1")
    assert (answer.status_code, answer.json["key"]) == (409, "mediation.step-up-needed")
    attempt = house.post("a1", "step-up").json["attempt"]
    wrong = house.post("a1", "step-up/confirm", {"attempt": attempt, "code": "000000"})
    assert wrong.status_code == 409
    assert signed(house, "a1").status_code == 409


def test_the_agreement_is_read_page_by_page_and_signed_to_the_seal(house):
    house.table.walk("signing")
    page = house.get("a1", "agreement/page/1.png")
    assert page.data.startswith(b"\x89PNG")
    assert house.get("a1", "agreement/page/99.png").status_code == 404
    assert house.get("x", "agreement/page/1.png").status_code == 404
    assert prove(house, "a1").status_code == 200
    assert signed(house, "a1", shown_hash="0" * 64).status_code == 409
    assert signed(house, "a1", strokes=[]).status_code == 409
    assert signed(house, "a1").json["status"] == "signing"
    assert signed(house, "a1").json["key"] == "settlement.already-signed"
    house.table.sign("r1")
    assert signed(house, "m").json["status"] == "sealed"
    assert house.get("r1", "agreement.pdf").data.startswith(b"%PDF")


def test_there_is_no_paper_before_it_is_prepared(house):
    house.table.begin()
    assert house.get("a1", "agreement/page/1.png").status_code == 404
    assert house.get("a1", "agreement.pdf").status_code == 404


def test_what_is_not_json_is_refused(house):
    house.table.begin()
    headers = {"X-CSRF": house.tokens["a1"].csrf, "Content-Type": "application/json"}
    path = f"/api/sittings/{house.table.sitting_id}/act"
    answer = house.client("a1").post(path, data="{", headers=headers)
    assert (answer.status_code, answer.json["key"]) == (409, "mediation.malformed")
