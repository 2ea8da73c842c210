"""Which pictures the line to one receiver carries; it does not know packets, connections or clocks.

Sound is never held back. When a line is overused for a while the least important picture is held back;
after a while it is tried again, later each time that fails. Other receivers do not notice: what a sender
may send depends on her own line alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HIGH_LOSS = 0.20  # a tenth lost is repaired; what is held back would be missed for longer
SHORT = 0.85
PATIENCE_S = 1.0
FIRST_PATIENCE_S = 2.0  # reports lag by a second: a storm that is over by then takes nothing away
SETTLED_S = 5.0
FIRST_TRY_S, LAST_TRY_S = 2.0, 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent to a receiver and what she says of it.

    ``sent_bps`` and ``estimate_bps`` (REMB, 0: not told) in bits a second, ``loss`` from 0 to 1.
    """

    sent_bps: int
    estimate_bps: int
    loss: float

    @property
    def overused(self) -> bool:
        """Whether more is sent than the line carries: it says so itself, or loses a fifth."""
        short = 0 < self.estimate_bps < SHORT * self.sent_bps
        return short or self.loss > HIGH_LOSS


class Congestion:
    """One receiver's line."""

    def __init__(self) -> None:
        """Everything is sent."""
        self.held: list[str] = []
        self._over_since: float | None = None
        self._wait = FIRST_TRY_S
        self._try_at = 0.0
        self._restored_at = self._swapped_at = float("-inf")

    def decide(self, wanted: Sequence[str], load: Load, now: float) -> list[str]:
        """Whose pictures are held back now; ``wanted`` are those there are, the most important first."""
        self.held = [seat for seat in self.held if seat in wanted]
        if load.overused:
            self._hold(wanted, now)
            return self.held
        self._over_since = None
        if self.held and now >= self._try_at:
            self.held.remove(min(self.held, key=wanted.index))
            self._restored_at = now
            self._try_at = now + max(SETTLED_S, self._wait)
        else:
            self._swap(wanted, now)
        return self.held

    def _hold(self, wanted: Sequence[str], now: float) -> None:
        if self._over_since is None:
            self._over_since = now
        shown = [seat for seat in wanted if seat not in self.held]
        patience = PATIENCE_S if self.held else FIRST_PATIENCE_S
        if not shown or now - self._over_since < patience:
            return
        self.held.append(shown[-1])
        failed = now - self._restored_at < SETTLED_S
        self._wait = min(LAST_TRY_S, self._wait * 2) if failed else FIRST_TRY_S
        self._over_since, self._try_at = now, now + self._wait

    def _swap(self, wanted: Sequence[str], now: float) -> None:
        """The one who speaks is seen rather than one who is silent."""
        shown = [seat for seat in wanted if seat not in self.held]
        if not shown or not self.held or now - self._swapped_at < SETTLED_S:
            return
        best = min(self.held, key=wanted.index)
        if wanted.index(best) < wanted.index(shown[-1]):
            self.held[self.held.index(best)] = shown[-1]
            self._swapped_at = now
