"""Which days are working days, as data; it does not know what is due on them."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("calendar.toml")
DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Year:
    """The holidays of one year; ``sure`` once the State Council has published it."""

    free: frozenset[date]
    work: frozenset[date]
    sure: bool
    source: str


def is_working_day(day: date) -> bool:
    """Whether courts work on this day; a year without data knows weekends only."""
    year = years().get(day.year)
    if year is not None and day in year.work:
        return True
    if year is not None and day in year.free:
        return False
    return day.weekday() < SATURDAY


def is_sure(day: date) -> bool:
    """Whether the calendar of that year has been published and entered."""
    year = years().get(day.year)
    return year is not None and year.sure


def add_days(start: date, days: int) -> date:
    """The last day of a period of days: the first is not counted, a free last day moves on (民诉法 85)."""
    return next_working_day(start + days * DAY)


def add_working_days(start: date, days: int) -> date:
    """The last of so many working days after ``start``, which is not counted."""
    day = start
    while days > 0:
        day += DAY
        days -= is_working_day(day)
    return day


def next_working_day(day: date) -> date:
    """The day itself when it is a working day, else the next one."""
    while not is_working_day(day):
        day += DAY
    return day


@cache
def years() -> dict[int, Year]:
    """The calendars that have been entered."""
    rows = tomllib.loads(DATA.read_text("utf-8"))
    return {
        int(name): Year(
            free=frozenset(day for first, last in row["free"] for day in _span(first, last)),
            work=frozenset(row["work"]),
            sure=row["sure"],
            source=row["source"],
        )
        for name, row in rows.items()
    }


def _span(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]
