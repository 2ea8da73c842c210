"""One clock for a room: RTP times of every stream become milliseconds of the film; it knows no packets.

At first a stream is anchored where its first packet arrived. Sender reports then tie sound and picture
of one seat to that sender's own clock, so that they fit each other however unevenly they travelled.
"""

from dataclasses import dataclass

WRAP = 1 << 32
SLEW = 0.1
MOST_SLEW_MS = 5.0
RATES = {"audio": 48_000, "video": 90_000}


@dataclass(slots=True)
class _Line:
    """One stream: a known point of its time, and the last time seen without wrapping."""

    rate: int
    last: int
    at_ms: float
    ts: int
    ntp_ms: float | None = None

    def unwrapped(self, ts: int) -> int:
        step = (ts - self.last) & (WRAP - 1)
        return self.last + (step if step < WRAP // 2 else step - WRAP)


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
            line = self._lines[kind] = _Line(RATES[kind], ts, arrival_ms, ts)
        whole = line.unwrapped(ts)
        line.last = max(line.last, whole)
        return round(self._place(line, whole))

    def _place(self, line: _Line, whole: int) -> float:
        since = (whole - line.ts) * 1000 / line.rate
        if line.ntp_ms is None or self._offset is None:
            return line.at_ms + since
        return self._offset + line.ntp_ms + since

    def report(self, kind: str, ntp: int, ts: int, arrival_ms: float) -> None:
        """A sender report: the sender's clock (64-bit NTP) at RTP time ``ts``."""
        line = self._lines.get(kind)
        if line is None:
            return
        ntp_ms, whole = (ntp * 1000) / WRAP, line.unwrapped(ts)
        if self._offset is None:
            self._offset = self._place(line, whole) - ntp_ms
            self._reference = kind
            self._travel = arrival_ms - self._offset - ntp_ms
        elif kind == self._reference:
            error = arrival_ms - self._offset - ntp_ms - self._travel
            self._offset += max(-MOST_SLEW_MS, min(MOST_SLEW_MS, error * SLEW))
        line.ts, line.ntp_ms = whole, ntp_ms
