"""How long what is kept, as data: kind, days, start event, article; it does not know the rows."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("retention.toml")
STARTS = frozenset({"made", "archived", "closed"})


@dataclass(frozen=True)
class Rule:
    """One line of the table; ``start`` is made, archived or closed."""

    kind: str
    zh: str
    en: str
    days: int
    start: str
    source: str
    why_zh: str
    why_en: str

    def before(self, now: datetime) -> datetime:
        """What started before this moment is due."""
        return now - timedelta(days=self.days)


@cache
def rules() -> tuple[Rule, ...]:
    """The table in its order; ValueError for a start event that nobody knows."""
    found = tuple(Rule(**row) for row in tomllib.loads(DATA.read_text("utf-8"))["rules"])
    unknown = {rule.start for rule in found} - STARTS
    if unknown:
        raise ValueError(f"unknown start events: {sorted(unknown)}")
    return found
