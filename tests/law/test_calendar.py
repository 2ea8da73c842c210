from datetime import date

import pytest

from odr.law import calendar


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 25), True),
        (date(2026, 11, 28), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),
        (date(2026, 2, 23), False),
        (date(2026, 2, 28), True),
        (date(2027, 2, 8), False),
        (date(2031, 3, 3), True),
    ],
)
def test_working_days(day, works):
    assert calendar.is_working_day(day) is works


def test_a_period_that_ends_on_a_holiday_ends_on_the_next_working_day():
    assert calendar.add_days(date(2026, 9, 1), 30) == date(2026, 10, 8)
    assert calendar.add_days(date(2026, 11, 2), 3) == date(2026, 11, 5)


def test_working_days_are_counted_without_the_first():
    assert calendar.add_working_days(date(2026, 11, 25), 3) == date(2026, 11, 30)
    assert calendar.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)


def test_what_is_not_yet_published_says_so():
    assert calendar.is_sure(date(2026, 5, 5)) is True
    assert calendar.is_sure(date(2027, 5, 5)) is False
    assert calendar.is_sure(date(2031, 5, 5)) is False
