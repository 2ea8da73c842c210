import pyotp
import pytest

from odr import clock
from odr.db import transaction
from odr.identity import service
from odr.identity.context import Ctx
from odr.identity.rights import Role
from tests.web.party_cast import CHEN, WANG

PLACE = "330304"


def invited(browser, app):
    """The applicant has filed; the clerk sends the respondent's link: the link's path."""
    from odr.cases import service as cases
    from odr.cases.models import Case

    browser.register(CHEN)
    browser.file()
    with app.app_context(), transaction() as session:
        house = app.extensions["odr"]
        gates = house.gateways
        ctx = Ctx(gates.vault, gates.sms, gates.cards, gates.keys, clock.now(), production=False)
        case = session.query(Case).one()
        clerk, _password, _secret = service.add_staff(
            session, ctx, service.NewStaff(login_name="ke", name="柯书记", role=Role.CLERK)
        )
        cases.accept(session, ctx, case, clerk)
        url = cases.invite(session, ctx, case.parties[1], clerk, "http://localhost")
    return url.removeprefix("http://localhost")


def test_a_new_phone_registers_with_name_and_number(browser):
    browser.log_in(CHEN[0])
    assert browser.path == "/p/register"
    browser.submit("/p/register", name=CHEN[1], id_number=CHEN[2])
    assert browser.path == "/p"
    assert CHEN[1] in browser.page.text


def test_a_wrong_digit_is_told_and_nothing_typed_is_lost(browser):
    browser.log_in(CHEN[0])
    browser.submit("/p/register", name=CHEN[1], id_number=CHEN[2][:-1] + "0")
    assert browser.status == 409
    assert browser.page.forms[0].values["name"] == CHEN[1]


def test_the_sixth_try_is_refused_even_with_the_right_code(browser):
    browser.open("/in").submit("/in", phone=CHEN[0])
    right = browser.code(CHEN[0])
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        browser.submit("/in/code", code=wrong)
        assert browser.status == 409
    browser.submit("/in/code", code=right)
    assert browser.status == 409
    assert browser.client.get_cookie("odr") is None


def test_a_code_works_once(browser, other):
    browser.open("/in").submit("/in", phone=CHEN[0])
    page, code = browser.page, browser.code(CHEN[0])
    browser.submit("/in/code", code=code)
    assert browser.status == 200
    other.open("/in")
    csrf = other.page.csrf
    attempt = page.forms[0].values["attempt"]
    answer = other.client.post(
        "/in/code", data={"csrf_token": csrf, "attempt": attempt, "code": code}
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("phone", ["", "12345", "138001380011", "<script>"])
def test_what_is_no_phone_number_is_refused(browser, phone):
    browser.open("/in").submit("/in", phone=phone)
    assert browser.status == 409
    assert "<script>" not in browser.client.get("/in").text


def test_a_personal_link_leads_its_phone_to_the_case_and_opens_once(browser, other, app):
    link = invited(browser, app)
    other.open(link)
    assert other.status == 200
    assert WANG[1] not in other.page.text
    other.submit(link)
    other.submit("/in/code", code=other.code(WANG[0]))
    assert other.path == "/p/register"
    other.submit("/p/register", name=WANG[1], id_number=WANG[2])
    assert other.path.endswith("/consent")
    assert browser.open(link).status in {404, 409}


def test_staff_enter_with_password_and_a_code_that_works_once(browser, other, app):
    with app.app_context(), transaction() as session:
        gates = app.extensions["odr"].gateways
        ctx = Ctx(gates.vault, gates.sms, gates.cards, gates.keys, clock.now(), production=False)
        _who, password, secret = service.add_staff(
            session, ctx, service.NewStaff(login_name="zhou", name="周敏", role=Role.MEDIATOR)
        )
    code = pyotp.TOTP(secret).now()
    fields = {"login_name": "zhou", "password": password, "totp": code}
    browser.open("/staff").submit("/staff", **{**fields, "password": "wrong"})
    assert browser.status == 409
    browser.open("/staff").submit("/staff", **fields)
    assert browser.path.startswith("/m")
    assert browser.client.get_cookie("odr").same_site == "Strict"
    other.open("/staff").submit("/staff", **fields)
    assert other.status == 409
