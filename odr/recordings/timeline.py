"""One clock for a room: RTP times of every stream become milliseconds of the film; it knows no packets.

At first a stream is anchored where its first packet arrived. Every sender report then ties it to its
sender's own clock again (RFC 3550 §6.4.1), so that sound and picture of one seat fit each other however
unevenly they travelled and however wrong their sampling clocks run. Sound leads: it is moved only by
the slow correction of the sender's clock, and the picture is laid beside it.
"""

from dataclasses import dataclass

WRAP = 1 << 32
HALF, MASK = WRAP // 2, WRAP - 1
SLEW = 0.1
MOST_SLEW_MS = 5.0
STEP_MS = 1000.0  # a report further off than this: the sender's clock was set anew
JUMP_MS = 10_000.0  # a time further from its arrival than this: the stream was begun anew
RATES = {"audio": 48_000, "video": 90_000}
LEADER = "audio"


@dataclass(slots=True)
class _Line:
    """One stream: RTP time ``ts`` is at ``at_ms`` of the room; ``last`` is the highest time seen."""

    ms_a_tick: float
    ts: int
    at_ms: float
    last: int
    tied: bool = False

    def unwrapped(self, ts: int) -> int:
        step = (ts - self.last) & MASK
        return self.last + (step if step < HALF else step - WRAP)

    def place(self, whole: int) -> float:
        return self.at_ms + (whole - self.ts) * self.ms_a_tick


class SeatClock:
    """The clock of one connection; milliseconds of the room."""

    def __init__(self) -> None:
        """Nothing has arrived yet."""
        self._lines: dict[str, _Line] = {}
        self._offset: float | None = None
        self._reference = ""
        self._travel = 0.0

    def at(self, kind: str, ts: int, arrival_ms: float) -> int:
        """When something of "audio" or "video" with RTP time ``ts`` was captured."""
        line = self._lines.get(kind)
        if line is None:
            line = self._lines[kind] = _Line(1000 / RATES[kind], ts, arrival_ms, ts)
        step = (ts - line.last) & MASK
        if step < HALF:
            whole = line.last = line.last + step
        else:
            whole = line.last + step - WRAP
        place = line.at_ms + (whole - line.ts) * line.ms_a_tick
        if not -JUMP_MS < place - arrival_ms < JUMP_MS:
            line.ts = line.last = whole
            line.at_ms = place = arrival_ms
            line.tied = False
        return int(place + 0.5)

    def report(self, kind: str, ntp: int, ts: int, arrival_ms: float) -> None:
        """A sender report: the sender's clock (64-bit NTP) at RTP time ``ts``; too early, it is nothing."""
        line = self._lines.get(kind)
        if line is None:
            return
        ntp_ms, whole = (ntp * 1000) / WRAP, line.unwrapped(ts)
        place = line.place(whole)
        if self._adopts(kind, line, place - ntp_ms):
            self._offset, self._reference = place - ntp_ms, kind
            self._travel = arrival_ms - place
        elif self._offset is not None and kind == self._reference:
            error = arrival_ms - self._offset - ntp_ms - self._travel
            self._offset += max(-MOST_SLEW_MS, min(MOST_SLEW_MS, error * SLEW))
        line.ts, line.at_ms, line.tied = whole, (self._offset or 0.0) + ntp_ms, True

    def _adopts(self, kind: str, line: _Line, offset: float) -> bool:
        """Whether this stream stays where it is and the sender's clock is laid beside it."""
        if self._offset is None:
            return True
        if line.tied:
            return abs(offset - self._offset) > STEP_MS
        return kind in (LEADER, self._reference)
