"""What is promised beside the payments: surety, delivery, apology, shared costs, what stays open; it knows no names.

Law: 民法典 art. 681-692 (surety), 178 and 688 (joint), 692 (its term); 人民调解法 art. 29(3) (manner and time of
performance). Sides are ``applicant`` and ``respondent``; money is integer fen, days are Shanghai's.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from odr.errors import Refused
from odr.settlement.fields import Fields

SIDES = ("applicant", "respondent")
KINDS = ("joint", "general")
MANNERS = ("spoken", "written")
LONGEST_GRACE = 90
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Guarantee:
    """Somebody stands in for the payer: ``joint`` at once, ``general`` after enforcement failed (art. 687)."""

    guarantor: str
    kind: str
    until: date | None = None  # the last day to call on him; None: six months after it was due


@dataclass(frozen=True)
class Delivery:
    """A thing or document that one side hands over; ``due`` is the last day it is in time."""

    what: str
    by: str
    due: date
    place: str


@dataclass(frozen=True)
class Apology:
    """One side apologises, spoken or in writing, by that day."""

    by: str
    manner: str
    due: date


@dataclass(frozen=True)
class Costs:
    """Who bears how much of a cost, in fen."""

    what: str
    applicant_fen: int
    respondent_fen: int


@dataclass(frozen=True)
class Promises:
    """All of it; ``contracted`` is the day of the loan, by which the highest interest is measured."""

    grace_days: int = 0
    guarantee: Guarantee | None = None
    delivery: Delivery | None = None
    apology: Apology | None = None
    costs: Costs | None = None
    responsibility: str = ""  # who answers for what (人民调解法 art. 29(2)), if the parties say so
    remainder: str = ""  # what this agreement leaves open (部分调解协议)
    contracted: date | None = None

    @property
    def performs(self) -> bool:
        """Whether somebody must do something other than pay."""
        return self.delivery is not None or self.apology is not None


NOTHING = Promises()


def check(promises: Promises, *, today: date, last_due: date | None) -> None:
    """Refuse what nobody could perform; ``last_due`` is the day of the last payment, if any is made."""
    if not 0 <= promises.grace_days <= LONGEST_GRACE:
        raise Refused("settlement.grace-out-of-range", most=LONGEST_GRACE)
    for text in _texts(promises):
        if len(text) > LONGEST_TEXT:
            raise Refused("settlement.text-too-long", start=text[:12], most=LONGEST_TEXT)
    for one in (promises.delivery, promises.apology):
        if one is not None and one.due < today:
            raise Refused("settlement.promise-past", due=one.due.isoformat(), today=today)
    _check_guarantee(promises.guarantee, last_due)
    _check_costs(promises.costs)


def _check_guarantee(guarantee: Guarantee | None, last_due: date | None) -> None:
    if guarantee is None:
        return
    if last_due is None:
        raise Refused("settlement.nothing-to-guarantee", name=guarantee.guarantor)
    until = guarantee.until
    if until is not None and until <= last_due:  # art. 692: counts as not agreed
        days = {"until": until.isoformat(), "due": last_due.isoformat()}
        raise Refused("settlement.guarantee-too-short", **days)


def _check_costs(costs: Costs | None) -> None:
    if costs is None:
        return
    shares = (costs.applicant_fen, costs.respondent_fen)
    if min(shares) < 0 or not any(shares):
        raise Refused("settlement.costs-of-nothing", what=costs.what)


def _texts(promises: Promises) -> Iterator[str]:
    yield from (promises.responsibility, promises.remainder)
    for part in (promises.guarantee, promises.delivery, promises.apology, promises.costs):
        if part is not None:
            yield from (value for value in asdict(part).values() if isinstance(value, str))


def to_json(promises: Promises) -> dict[str, Any]:
    """What differs from nothing promised, as JSON values; {} when nothing is."""
    return {
        field.name: _plain(value)
        for field in fields(Promises)
        if (value := getattr(promises, field.name)) != field.default
    }


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Guarantee | Delivery | Apology | Costs):
        return {name: _plain(one) for name, one in asdict(value).items()}
    return value


def from_json(body: object) -> Promises:
    """Read what ``to_json`` wrote, or a form's JSON; Refused names the field that cannot be read."""
    if body is None:
        return NOTHING
    read = Fields.of(body, "promises")
    return Promises(
        grace_days=read.number("grace_days", missing=0),
        guarantee=_guarantee(read.part("guarantee")),
        delivery=_delivery(read.part("delivery")),
        apology=_apology(read.part("apology")),
        costs=_costs(read.part("costs")),
        responsibility=read.text("responsibility", needed=False),
        remainder=read.text("remainder", needed=False),
        contracted=read.maybe_day("contracted"),
    )


def _guarantee(read: Fields | None) -> Guarantee | None:
    if read is None:
        return None
    return Guarantee(read.text("guarantor"), read.choice("kind", KINDS), read.maybe_day("until"))


def _delivery(read: Fields | None) -> Delivery | None:
    if read is None:
        return None
    by = read.choice("by", SIDES)
    return Delivery(read.text("what"), by, read.day("due"), read.text("place"))


def _apology(read: Fields | None) -> Apology | None:
    if read is None:
        return None
    return Apology(read.choice("by", SIDES), read.choice("manner", MANNERS), read.day("due"))


def _costs(read: Fields | None) -> Costs | None:
    if read is None:
        return None
    shares = (read.number(f"{side}_fen", missing=0) for side in SIDES)
    return Costs(read.text("what"), *shares)
