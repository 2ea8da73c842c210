"""The chairs of a room and who may do what from which chair; it does not know persons, rows or sockets.

Pure. A chair's key (``a1``, ``r1``, ``m``, ``c``) is all that the media process ever hears of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

APPLICANT, RESPONDENT, MEDIATOR, CLERK = "applicant", "respondent", "mediator", "clerk"
PARTIES = frozenset({APPLICANT, RESPONDENT})
DESK = frozenset({MEDIATOR, CLERK})
EVERYONE = PARTIES | DESK
MOST_SEATS = 6

# Which chairs may send which act. What is not here is refused.
MAY: dict[str, frozenset[str]] = {
    "admit": DESK,
    "dismiss": DESK,
    "open": frozenset({MEDIATOR}),
    "confirm-identity": frozenset({MEDIATOR}),
    "tap": PARTIES,
    "set-facts": DESK,
    "answer-fact": PARTIES,
    "advance": frozenset({MEDIATOR}),
    "adjourn": frozenset({MEDIATOR}),
    "resume": frozenset({MEDIATOR}),
    "note": DESK,
    "say": EVERYONE,
    "cannot-hear": EVERYONE,
    "object": PARTIES,
    "propose": DESK,
    "accept": PARTIES,
    "reject": PARTIES,
    "answer-clause": PARTIES,
    "prepare-agreement": frozenset({MEDIATOR}),
    "finish": frozenset({MEDIATOR}),
    "caucus": frozenset({MEDIATOR}),
    "rejoin": frozenset({MEDIATOR}),
    "ask-to-record": frozenset({MEDIATOR}),
    "answer-recording": PARTIES,
    "mute": frozenset({MEDIATOR}),
    "device-check": EVERYONE,
    "sync": EVERYONE,
}


@dataclass(frozen=True, slots=True)
class Chair:
    """One chair before anyone sits on it. ``number`` is its place at the table, from 1."""

    number: int
    key: str
    role: str


@dataclass(frozen=True, slots=True)
class Names:
    """How this house calls itself in the texts that are read; ``retention_days`` is its promise."""

    organisation: str = "瓯海区矛盾纠纷多元化解中心"
    court: str = "瓯海区人民法院"
    helpline: str = "12368"
    retention_days: int = 3650


def chairs(sides: Iterable[str]) -> list[Chair]:
    """One chair a party in the order of ``sides`` (applicant | respondent), then mediator and clerk."""
    counts = {APPLICANT: 0, RESPONDENT: 0}
    found: list[Chair] = []
    for side in sides:
        counts[side] += 1
        letter = "a" if side == APPLICANT else "r"
        found.append(Chair(len(found) + 1, f"{letter}{counts[side]}", side))
    found.append(Chair(len(found) + 1, "m", MEDIATOR))
    found.append(Chair(len(found) + 1, "c", CLERK))
    return found


def may(role: str, act: str) -> bool:
    """Whether a chair of this role may send this act."""
    return role in MAY.get(act, frozenset())
