import threading
from collections.abc import Iterator
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from odr.settlement.terms import capitals, month_later, plan_equal, yuan

STATIC = Path(__file__).parents[2] / "static"
AMOUNTS = [1, 5, 10, 99, 100, 105, 110, 1000, 34000000, 10200000, 4857142, 100000000, 100010001]
AMOUNTS += [10**9, 10**10 + 1, 123456789012, 10**12, 10**13 + 10**5, 10**14 - 1, 2000300, 60007]
BLANK = "blank.html"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...

    def do_GET(self) -> None:
        if self.path == f"/{BLANK}":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            return
        super().do_GET()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/{BLANK}")
        yield page
        browser.close()
    server.shutdown()


def money(page: Page, call: str, *values: object) -> object:
    script = f"async (values) => (await import('/desk/money.js')).{call}(...values)"
    return page.evaluate(script, list(values))


@pytest.mark.journey
def test_the_page_writes_the_same_capitals_as_the_agreement(page: Page):
    shown = page.evaluate(
        "async (all) => { const m = await import('/desk/money.js'); return all.map(m.capitals); }",
        AMOUNTS,
    )
    assert shown == [capitals(fen) for fen in AMOUNTS]


@pytest.mark.journey
def test_the_page_plans_as_the_server_does(page: Page):
    wish = {"total": 34000000, "count": 7, "first": "2027-01-31", "down": 0}
    wanted = plan_equal(34000000, 7, date(2027, 1, 31))
    assert money(page, "planEqual", wish) == [
        {"number": line.number, "due": line.due.isoformat(), "amount_fen": line.amount_fen}
        for line in wanted
    ]
    down = money(page, "planEqual", {**wish, "down": 4000001})
    assert isinstance(down, list)
    assert len(down) == 8
    assert sum(line["amount_fen"] for line in down) == 34000000


@pytest.mark.journey
def test_a_rising_plan_keeps_its_step_and_its_sum(page: Page):
    wish = {"total": 10200000, "count": 3, "first": "2027-02-28", "step": 100000}
    plan = money(page, "planRising", wish)
    assert isinstance(plan, list)
    assert [line["amount_fen"] for line in plan] == [3300000, 3400000, 3500000]
    assert [line["due"] for line in plan] == [
        month_later(date(2027, 2, 28), months).isoformat() for months in range(3)
    ]


@pytest.mark.journey
@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("340000", 34000000),
        ("340,000.5", 34000050),
        ("\uff14\uff18\uff15\uff17\uff11\uff0e\uff14\uff12", 4857142),
        ("¥ 1", 100),
        ("12元", 1200),
        ("", None),
        ("-5", None),
        ("1.234", None),
        ("一百", None),
        ("1e9", None),
    ],
)
def test_amounts_are_read_as_people_write_them(page: Page, typed: str, fen: int | None):
    assert money(page, "parseYuan", typed) == fen


@pytest.mark.journey
def test_amounts_are_shown_as_in_the_papers(page: Page):
    assert [money(page, "yuan", fen) for fen in AMOUNTS] == [yuan(fen) for fen in AMOUNTS]
