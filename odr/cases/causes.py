"""Causes of action as data: key, names, the specialty that fits; it does not know any case."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from odr.errors import Refused

DATA = Path(__file__).with_name("causes.toml")


@dataclass(frozen=True)
class Cause:
    """One cause of action."""

    key: str
    zh: str
    en: str
    specialty: str


@cache
def _table() -> dict[str, Cause]:
    rows = tomllib.loads(DATA.read_text("utf-8"))
    return {key: Cause(key, **row) for key, row in rows.items() if isinstance(row, dict)}


def all_causes() -> list[Cause]:
    """Every cause, in the order in which they are offered."""
    return list(_table().values())


def keys() -> list[str]:
    """The keys of all causes."""
    return list(_table())


def find(key: str) -> Cause:
    """The cause of this key; Refused when there is none."""
    if key not in _table():
        raise Refused("cases.unknown-cause")
    return _table()[key]


def name(key: str, language: str = "zh") -> str:
    """A cause in Chinese or English; an unknown key as it is."""
    cause = _table().get(key)
    if cause is None:
        return key
    return cause.en if language == "en" else cause.zh
