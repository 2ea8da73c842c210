"""Articles of law in one sentence each, with their source; it does not know where they are shown."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("articles.toml")


@dataclass(frozen=True)
class Article:
    """One article: what it says, where it stands, since when."""

    key: str
    zh: str
    en: str
    source: str
    valid_from: date

    def text(self, language: str = "zh") -> str:
        """What it says in Chinese or English."""
        return self.en if language == "en" else self.zh


@cache
def all_articles() -> dict[str, Article]:
    """Every article by its key."""
    rows = tomllib.loads(DATA.read_text("utf-8"))
    return {key: Article(key, **row) for key, row in rows.items()}


def article(key: str) -> Article:
    """One article; KeyError when there is none of this key."""
    return all_articles()[key]
