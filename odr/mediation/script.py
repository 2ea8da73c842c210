"""The course of a mediation: six steps, walked in order, none skipped.

Pure: no clock, no database, no socket. Whoever asks says what is known (``Facts``) and gets the next
script back, or Refused with the reason that is shown to the mediator. The texts are versioned data in
``wording/script-<version>.toml``.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from odr import chain
from odr.errors import Refused

FOLDER = Path(__file__).parent / "wording"
CURRENT = "2026-01"


class Step(StrEnum):
    """The steps, in the order in which they are walked."""

    IDENTITY_CHECK = "identity-check"
    RIGHTS_NOTICE = "rights-notice"
    FACT_CONFIRMATION = "fact-confirmation"
    NEGOTIATION = "negotiation"
    AGREEMENT = "agreement"
    SIGNING = "signing"


STEPS = tuple(Step)


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence that each party touches; ``texts`` by language, with places to fill."""

    key: str
    texts: Mapping[str, str]

    def text(self, language: str, values: Mapping[str, object]) -> str:
        """The sentence as it is shown."""
        return self.texts[language].format(**values)

    def hashes(self, values: Mapping[str, object]) -> dict[str, str]:
        """SHA-256 of the shown sentence, by language."""
        return {
            language: chain.digest(self.text(language, values).encode()) for language in self.texts
        }


@dataclass(frozen=True, slots=True)
class Page:
    """What one step says: its title, its law, what the mediator reads, the party's card, the items."""

    step: Step
    law: str
    title: Mapping[str, str]
    read: Mapping[str, str]
    card: Mapping[str, str]
    items: tuple[Item, ...]

    def item(self, key: str) -> Item:
        """The item of that key; Refused when this step has none."""
        for item in self.items:
            if item.key == key:
                return item
        raise Refused("mediation.no-such-item")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at this moment; seats by key.

    ``tapped`` holds (seat, item) of the present step, ``identified`` the seats whose verdict is "same",
    ``doubted`` those with another verdict, ``answered`` those who answered every fact line.
    """

    present: frozenset[str] = frozenset()
    tapped: frozenset[tuple[str, str]] = frozenset()
    identified: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()
    lines: int = 0
    answered: frozenset[str] = frozenset()
    proposed: bool = False
    accepted: frozenset[str] = frozenset()
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """One reason why the step cannot be left: the key of its sentence and who is meant."""

    key: str
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Where a mediation stands. ``parties`` are labels by seat key, as the mediator calls them."""

    parties: Mapping[str, str]
    step: Step = Step.IDENTITY_CHECK
    version: str = CURRENT
    pages: Mapping[Step, Page] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look up the texts of this version; a script never changes its version on the way."""
        object.__setattr__(self, "pages", load(self.version))

    @property
    def page(self) -> Page:
        """The texts of the present step."""
        return self.pages[self.step]

    def lacks(self, facts: Facts) -> list[Lack]:
        """Everything that stands between this step and the next; empty when the way is free."""
        needed = [item.key for item in self.page.items]
        untapped = {p for p in self.parties for item in needed if (p, item) not in facts.tapped}
        found = [
            self._lack("absent", set(self.parties) - facts.present),
            *self._own_lacks(facts),
            self._lack("untapped", untapped),
        ]
        return [lack for lack in found if lack is not None]

    def _own_lacks(self, facts: Facts) -> list[Lack | None]:
        parties = set(self.parties)
        doubted = parties & facts.doubted
        own: dict[Step, list[Lack | None]] = {
            Step.IDENTITY_CHECK: [
                self._lack("doubted", doubted),
                self._lack("unidentified", parties - facts.identified - doubted),
            ],
            Step.RIGHTS_NOTICE: [],
            Step.FACT_CONFIRMATION: [
                self._lack("unanswered", parties - facts.answered)
                if facts.lines
                else Lack("mediation.lack-facts")
            ],
            Step.NEGOTIATION: [None if facts.proposed else Lack("mediation.lack-proposal")],
            Step.AGREEMENT: [self._lack("unaccepted", parties - facts.accepted)],
            Step.SIGNING: [None if facts.sealed else Lack("mediation.lack-seal")],
        }
        return own[self.step]

    def _lack(self, name: str, seats: Iterable[str]) -> Lack | None:
        who = tuple(self.parties[seat] for seat in sorted(seats))
        return Lack(f"mediation.lack-{name}", who) if who else None

    def advance(self, facts: Facts) -> "Script":
        """Walk one step on; Refused says what is missing and names who."""
        if self.step is Step.SIGNING:
            raise Refused("mediation.last-step")
        for lack in self.lacks(facts):
            raise Refused(lack.key, who="、".join(lack.who))
        return replace(self, step=STEPS[STEPS.index(self.step) + 1])

    def conclude(self, facts: Facts) -> None:
        """Refused unless the mediation may end with an agreement: the last step, signed and sealed."""
        if self.step is not Step.SIGNING or not facts.sealed:
            raise Refused("mediation.not-sealed-yet")


@cache
def load(version: str) -> Mapping[Step, Page]:
    """The texts of one version, by step; every step has exactly one page."""
    body = tomllib.loads((FOLDER / f"script-{version}.toml").read_text("utf-8"))
    return {Step(row["key"]): _page(row) for row in body["step"]}


def _page(row: Mapping[str, Any]) -> Page:
    items = tuple(
        Item(item["key"], {"zh": item["zh"], "en": item["en"]}) for item in row.get("item", [])
    )
    texts = [{k: v.strip() for k, v in row[name].items()} for name in ("title", "read", "card")]
    return Page(Step(row["key"]), row["law"], texts[0], texts[1], texts[2], items)
