# ruff: noqa: RUF001 -- full-width signs are what people type
"""How high interest may be that a private lender asks for; it does not know who lends.

Law: 最高人民法院关于审理民间借贷案件适用法律若干问题的规定 art. 25, 29: four times the one-year LPR when the contract
was made, interest, penalty and other costs together. Rates are hundredths of a percent a year.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "wording" / "lpr.toml"
TIMES = 4
MONTHS, DAYS = 12, 365
NUMBER = r"(\d+(?:\.\d+)?)"
FORMS = (
    (re.compile(rf"(?:年利率|年息|年化|每年)[^，。；\d]{{0,6}}{NUMBER}\s*[%％]"), 100),
    (re.compile(rf"(?:月利率|月息|每月)[^，。；\d]{{0,6}}{NUMBER}\s*[%％]"), 100 * MONTHS),
    (re.compile(rf"(?:日利率|日息|每日|每天|按日)[^，。；\d]{{0,6}}{NUMBER}\s*[%％]"), 100 * DAYS),
    (re.compile(rf"月息\s*{NUMBER}\s*分"), 100 * MONTHS),
    (re.compile(rf"(?:日|天)[^，。；\d]{{0,4}}万分之\s*{NUMBER}"), DAYS),
    (re.compile(rf"(?:日|天)[^，。；\d]{{0,4}}千分之\s*{NUMBER}"), 10 * DAYS),
)


@cache
def rates() -> list[tuple[date, int]]:
    """The published rates, oldest first."""
    table = tomllib.loads(FILE.read_text("utf-8"))["rates"]
    return sorted((date.fromisoformat(day), rate) for day, rate in table.items())


def ceiling(contracted: date | None = None) -> int:
    """The highest rate for a contract of that day, or of the newest rate known; hundredths of a percent."""
    known = rates()
    before = [rate for day, rate in known if contracted is None or day <= contracted]
    return TIMES * (before[-1] if before else known[0][1])


def asked(text: str) -> Iterator[tuple[str, int]]:
    """Every interest rate in the text: the words and the rate a year, hundredths of a percent."""
    for form, factor in FORMS:
        for match in form.finditer(text):
            yield match.group(0), round(float(match.group(1)) * factor)


def percent(rate: int) -> str:
    """Hundredths of a percent as people read them: 1200 -> 12%, 1825 -> 18.25%."""
    return f"{rate / 100:.2f}".rstrip("0").rstrip(".") + "%"
