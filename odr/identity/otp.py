"""One-time codes: how they look and how often they may be asked for and tried; pure, sends nothing."""

import hmac
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from odr.errors import Refused

DIGITS = 6
LIFETIME = timedelta(minutes=5)
MOST_TRIES = 5
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """How often codes may be asked for. ``spacing_seconds`` lies between two codes to one phone."""

    spacing_seconds: int = 60
    phone_hour: int = 5
    phone_day: int = 10
    address_hour: int = 20


STRICT = Limits()
SIMULATED = Limits(spacing_seconds=0, phone_hour=60, phone_day=600, address_hour=600)


def make(below: Callable[[int], int]) -> str:
    """Six digits from ``below(n)``, a source of unguessable integers under n."""
    return f"{below(10**DIGITS):0{DIGITS}d}"


def same(expected_mac: str, given_mac: str) -> bool:
    """Compare two MACs in constant time."""
    return hmac.compare_digest(expected_mac.encode(), given_mac.encode())


def check_asking(
    limits: Limits, now: datetime, *, phone: Sequence[datetime], address: Sequence[datetime]
) -> None:
    """Refused when the codes sent of late (moments, by phone and by address) are too many."""
    latest = max(phone, default=None)
    if latest is not None:
        wait = limits.spacing_seconds - (now - latest).total_seconds()
        if wait > 0:
            raise Refused("identity.code-too-soon", seconds=math.ceil(wait))
    if _since(phone, now - HOUR) >= limits.phone_hour:
        raise Refused("identity.code-too-many-hour", most=limits.phone_hour)
    if _since(phone, now - DAY) >= limits.phone_day:
        raise Refused("identity.code-too-many-day", most=limits.phone_day)
    if _since(address, now - HOUR) >= limits.address_hour:
        raise Refused("identity.code-too-many-address")


def check_trying(*, tries: int, expires_at: datetime, used: bool, now: datetime) -> Refused | None:
    """Why a code may not be tried any more, or None; ``tries`` were made before this one."""
    if used:
        return Refused("identity.code-used")
    if now >= expires_at:
        return Refused("identity.code-expired")
    if tries >= MOST_TRIES:
        return Refused("identity.code-spent", most=MOST_TRIES)
    return None


def wrong(tries: int) -> Refused:
    """The refusal after a wrong try; ``tries`` counts it."""
    left = MOST_TRIES - tries
    if left <= 0:
        return Refused("identity.code-spent", most=MOST_TRIES)
    return Refused("identity.code-wrong", left=left)


def _since(moments: Sequence[datetime], start: datetime) -> int:
    return sum(1 for moment in moments if moment > start)
