"""Who talks apart in a room, and whether that is kept; it does not know connections or films."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from odr.errors import Refused
from odr.recordings.writer import CAUCUS, NOT_RECORDED


@dataclass(frozen=True, slots=True)
class Apart:
    """The seats of a caucus; none: all are together. It is ``recorded`` only if the web says that all agree."""

    seats: frozenset[str] = frozenset()
    recorded: bool = False

    @classmethod
    def read(cls, args: Mapping[str, Any]) -> "Apart":
        """From a command; Refused when it is none."""
        seats, recorded = args.get("seats"), args.get("recorded", False)
        if not isinstance(seats, list) or not all(isinstance(seat, str) for seat in seats):
            raise Refused("media.bad-command")
        if not isinstance(recorded, bool):
            raise Refused("media.bad-command")
        return cls(frozenset(seats), recorded and bool(seats))

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> "Apart":
        """From what a room is opened with."""
        recorded = bool(meta.get("caucus_recorded"))
        return cls.read({"seats": list(meta.get("caucus") or ()), "recorded": recorded})

    def group(self, seat: str) -> str:
        """The group in which this seat hears and is heard."""
        return CAUCUS if seat in self.seats else ""

    def keeps(self, seat: str) -> bool:
        """Whether what this seat sends goes into the film: nobody who waits is recorded alone."""
        return not self.seats or (self.recorded and seat in self.seats)

    @property
    def silent(self) -> bool:
        """Whether nothing is recorded at all."""
        return bool(self.seats) and not self.recorded


def unrecorded(meta: Mapping[str, Any]) -> str:
    """Why a room is not recorded when it is opened; empty when it is."""
    if not meta.get("recording", True):
        return NOT_RECORDED
    return CAUCUS if Apart.of(meta).silent else ""
