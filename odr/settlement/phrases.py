"""The fixed wording of our papers, read once; it does not know who is named in them."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "wording" / "agreement.toml"


@cache
def _all() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text("utf-8"))


def phrase(section: str, name: str, /, **values: object) -> str:
    """One sentence with its places filled."""
    return str(_all()[section][name]).format(**values)


def phrases(section: str, name: str) -> list[str]:
    """A list of words, such as the heads of a table."""
    return list(_all()[section][name])


def chinese_date(day: date) -> str:
    """2026-12-31 -> 2026年12月31日."""
    return f"{day.year}年{day.month}月{day.day}日"
