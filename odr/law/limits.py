"""How long a mediation may take: dated rule sets by track; it does not know the case."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from odr.law import calendar

DATA = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True)
class Limit:
    """The days that one rule set gives one track; ``extension_days`` None: as the parties agree."""

    days: int
    source: str
    extension: str
    extension_days: int | None


def limit(track: str, accepted_on: date) -> Limit:
    """The limit for a case taken on that day (在线调解规则 art. 24); unknown tracks raise KeyError."""
    valid = [rule for first, rule in _table() if first <= accepted_on]
    rule = (valid or [_table()[0][1]])[-1]
    return rule[track]


def deadline(track: str, accepted_on: date, *, extended_days: int = 0) -> date:
    """The last day of the mediation; a last day that is free moves to the next working day."""
    found = limit(track, accepted_on)
    if found.extension_days is not None and extended_days > found.extension_days:
        raise ValueError("longer than the rule set allows")
    return calendar.add_days(accepted_on, found.days + extended_days)


def days_left(last: date, today: date) -> int:
    """Days until the last one; negative when it has passed."""
    return (last - today) // timedelta(days=1)


@cache
def _table() -> list[tuple[date, dict[str, Limit]]]:
    rules = tomllib.loads(DATA.read_text("utf-8"))["rules"]
    found = [(rule["valid_from"], _limits(rule)) for rule in rules]
    return sorted(found, key=lambda pair: pair[0])


def _limits(rule: dict[str, object]) -> dict[str, Limit]:
    days = rule["days"]
    if not isinstance(days, dict):
        raise TypeError("days is a table")
    more = rule.get("extension_days")
    return {
        str(track): Limit(
            days=int(count),
            source=str(rule["source"]),
            extension=str(rule["extension"]),
            extension_days=more if isinstance(more, int) else None,
        )
        for track, count in days.items()
    }
