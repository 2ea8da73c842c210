import pytest

from tests.web.party_cast import CHEN


def post(browser, **headers):
    data = {"phone": "13800138009", "csrf_token": browser.page.csrf}
    return browser.client.post("/in", data=data, headers=headers).status_code


def test_our_own_page_may_post(browser):
    browser.open("/in")
    assert post(browser, Origin="http://localhost", **{"Sec-Fetch-Site": "same-origin"}) == 302


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_another_site_may_not(browser, headers):
    browser.open("/in")
    assert post(browser, **headers) == 403


def test_a_browser_that_hides_its_origin_is_believed_by_its_fetch_header(browser):
    browser.open("/in")
    assert post(browser, Origin="null", **{"Sec-Fetch-Site": "same-origin"}) == 302


def test_the_token_of_another_browser_does_not_help(browser, other):
    browser.open("/in")
    other.open("/in")
    browser.page.csrf = other.page.csrf
    assert post(browser) == 403


def test_the_cookie_is_hidden_from_scripts_and_revoked_at_leaving(browser):
    browser.register(CHEN)
    cookie = browser.client.get_cookie("odr")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    browser.open("/p").submit("/out")
    browser.client.set_cookie("odr", cookie.value)
    assert browser.client.get("/p").location == "/in"


def test_a_stranger_gets_the_same_answer_as_for_nothing(browser, other):
    browser.register(CHEN)
    case = browser.file()
    other.register(("13700137003", "李娜", "330304199003071226"))
    foreign, nothing = (
        other.client.get(f"/p/cases/{case}"),
        other.client.get(f"/p/cases/{case[:-1]}0"),
    )
    assert foreign.status_code == nothing.status_code == 404
    assert foreign.text == nothing.text.replace(f"{case[:-1]}0", case)


def test_a_party_does_not_know_of_the_desks(browser):
    browser.register(CHEN)
    assert {browser.client.get(path).status_code for path in ("/m", "/c", "/court", "/admin")} <= {
        404,
        308,
    }
