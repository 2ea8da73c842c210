"""When an hour may be appointed; pure, it does not know what is already in the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from odr.errors import Refused

GRACE = timedelta(minutes=1)  # a form knows minutes only
FARTHEST = timedelta(days=180)


@dataclass(frozen=True)
class Slot:
    """A span of time; its end belongs to the next one."""

    starts_at: datetime
    minutes: int = 60

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return self.starts_at + timedelta(minutes=self.minutes)

    def meets(self, other: "Slot") -> bool:
        """Whether the two have a moment in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def check(wanted: Slot, *, taken: Sequence[Slot], now: datetime) -> None:
    """Refused in the past, too far ahead, or when somebody needed is elsewhere at that time."""
    if wanted.starts_at < now - GRACE:
        raise Refused("cases.time-past")
    if wanted.starts_at > now + FARTHEST:
        raise Refused("cases.time-far", days=FARTHEST.days)
    if any(wanted.meets(slot) for slot in taken):
        raise Refused("cases.time-taken")
