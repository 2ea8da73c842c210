"""The fixed wording of our papers, read once; it does not know who is named in them."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from odr.chain import digest

NUMERALS = "一二三四五六七八九十"
SETTING = (
    "document", "fields", "finish", "fonts", "layout", "linebreak", "paragraph", "phrases", "promises",
    "provisions", "structure", "terms",
)  # fmt: skip
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


@cache
def code_digest() -> str:
    """SHA-256 over the wording and the code that sets it: any change makes another renderer."""
    files = [FILE, *(Path(__file__).with_name(f"{name}.py") for name in SETTING)]
    return digest(b"\x00".join(path.read_bytes() for path in files))


def chinese_date(day: date) -> str:
    """2026-12-31 -> 2026年12月31日."""
    return f"{day.year}年{day.month}月{day.day}日"


def numeral(number: int) -> str:
    """1 to 99 as headings and clauses are counted: 12 -> 十二."""
    if number <= len(NUMERALS):
        return NUMERALS[number - 1]
    tens, ones = divmod(number, 10)
    ten = ("" if tens == 1 else NUMERALS[tens - 1]) + "十"
    return ten + (NUMERALS[ones - 1] if ones else "")
