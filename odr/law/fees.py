"""What a court would charge: tiers as dated data, sums in whole fen; it does not know the case."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("fees.toml")
FEN = 100
HALF, THIRD = 2, 3


def court_fee(claim_fen: int, on: date | None = None) -> int:
    """The fee of a property case for a claim, both in fen (诉讼费用交纳办法 art. 13(1))."""
    return _tiered(claim_fen, "property", on)


def mediated_fee(claim_fen: int, on: date | None = None) -> int:
    """Half of it, for a case settled by mediation or withdrawn (art. 15); halved once only."""
    return _share(court_fee(claim_fen, on), HALF)


def payment_order_fee(claim_fen: int, on: date | None = None) -> int:
    """A third of it, for an application for a payment order (art. 14(3))."""
    return _share(court_fee(claim_fen, on), THIRD)


def enforcement_fee(claim_fen: int, on: date | None = None) -> int:
    """The fee for enforcement of an amount (art. 14(1)), in fen."""
    return _tiered(claim_fen, "enforcement", on)


def preservation_fee(claim_fen: int, on: date | None = None) -> int:
    """The fee for preserving property of that value (art. 14(2)), capped, in fen."""
    cap = int(_rules(on)["caps"]["preservation"]) * FEN
    return min(_tiered(claim_fen, "preservation", on), cap)


def source(on: date | None = None) -> str:
    """The rule that the fees of that day stand on."""
    return str(_rules(on)["source"])


@cache
def _table() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = tomllib.loads(DATA.read_text("utf-8"))["rules"]
    return sorted(rules, key=lambda rule: rule["valid_from"])


def _rules(on: date | None) -> dict[str, Any]:
    """The rules valid on a day; without a day the newest."""
    valid = [rule for rule in _table() if on is None or rule["valid_from"] <= on]
    if not valid:
        raise ValueError("no fee rules for so early a day")
    return valid[-1]


def _tiered(claim_fen: int, kind: str, on: date | None) -> int:
    if claim_fen < 0:
        raise ValueError("a claim is not negative")
    mills, low = 0, 0  # thousandths of a fen, so that nothing is rounded before the end
    for tier in _rules(on)[kind]:
        high = tier["upto"] * FEN if "upto" in tier else claim_fen
        if "fixed" in tier:
            mills += tier["fixed"] * FEN * 1000
        else:
            mills += max(0, min(claim_fen, high) - low) * tier["per_mille"]
        low = high
        if claim_fen <= high:
            break
    return (mills + 500) // 1000


def _share(fee_fen: int, parts: int) -> int:
    """One of ``parts`` equal parts, rounded half up to a fen."""
    return (2 * fee_fen + parts) // (2 * parts)
