from datetime import date

import pytest

from odr.law import limits


@pytest.mark.parametrize(
    ("track", "days"),
    [("self_application", 30), ("before_filing", 30), ("ordinary", 15), ("summary", 7)],
)
def test_the_days_of_article_24(track, days):
    assert limits.limit(track, date(2026, 1, 5)).days == days


def test_the_rule_set_is_chosen_by_the_day():
    old, new = (limits.limit("ordinary", date(year, 12, 31)) for year in (2024, 2025))
    assert (old.extension_days, new.extension_days) == (None, 30)
    assert "第二十四条" in old.source
    assert limits.limit("ordinary", date(2025, 1, 1)) == new


def test_deadlines_move_over_holidays_and_grow_by_consent():
    assert limits.deadline("self_application", date(2026, 9, 1)) == date(2026, 10, 8)
    assert limits.deadline("summary", date(2026, 11, 2)) == date(2026, 11, 9)
    assert limits.deadline("summary", date(2026, 11, 2), extended_days=30) == date(2026, 12, 9)
    with pytest.raises(ValueError, match="longer"):
        limits.deadline("summary", date(2026, 11, 2), extended_days=31)


def test_days_left_may_be_negative():
    assert limits.days_left(date(2026, 11, 9), date(2026, 11, 12)) == -3


def test_an_unknown_track_is_an_error():
    with pytest.raises(KeyError):
        limits.limit("magic", date(2026, 1, 1))
