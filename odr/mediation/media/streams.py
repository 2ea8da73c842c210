# ruff: noqa: PLR2004 -- the numbers are halves of 16-bit wheels
"""One stream coming in: counted, remembered, asked for again; it does not know who is sent it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from odr.mediation.media.rtp import Packet, Report, Run, SenderReport

RATES = {"audio": 48_000, "video": 90_000}
CACHE = 256  # three seconds of a picture
MOST_MISSING = 64
REORDER_S = 0.01
NACK_EVERY_S = 0.03
NACK_TRIES = 10
RESTART = 3000


@dataclass(slots=True)
class _Miss:
    tries: int = 0
    next_at: float = 0.0


class Memory:
    """The packets that came last, as they came: one run after the other, ``CACHE`` packets in all."""

    __slots__ = ("_count", "_runs")

    def __init__(self) -> None:
        """Empty."""
        self._runs: deque[Sequence[Packet]] = deque()
        self._count = 0

    def put(self, run: Sequence[Packet]) -> None:
        """Remember packets with consecutive numbers; the oldest are forgotten."""
        runs = self._runs
        runs.append(run)
        self._count += len(run)
        while self._count > CACHE:
            self._count -= len(runs.popleft())

    def find(self, seq: int) -> Packet | None:
        """The packet of that number, if it is remembered."""
        for run in reversed(self._runs):
            place = (seq - run[0].seq) & 0xFFFF
            if place < len(run):
                return run[place]
        return None


class Inbound:
    """What one seat sends of one kind: counted, remembered, asked for again."""

    def __init__(self, kind: str, pt: int, codec: str) -> None:
        """Nothing has arrived."""
        self.kind, self.pt, self.codec = kind, pt, codec
        self.rate = RATES[kind]
        self.resends = True  # whether the sender sends again what is asked for
        self.ssrc = 0
        self.run = 0
        self.bytes = 0
        self.highest = 0
        self.jitter = 0.0
        self.fraction = 0
        self.lately_lost = 0.0
        self._memory = Memory()
        self._first = self._received = 0
        self._prior = (0, 0)
        self._transit: float | None = None
        self._missing: dict[int, _Miss] = {}
        self._report: tuple[int, float] = (0, 0.0)

    def add(self, packet: Packet, now: float) -> bool:
        """Take a packet; False when it was here before or is far too old."""
        if (packet.seq - self.highest) & 0xFFFF == 1 and packet.ssrc == self.ssrc and self.run:
            self.highest += 1  # nearly always
            self._measure(packet, now)
        elif not self._out_of_turn(packet, now):
            return False
        self._received += 1
        self.bytes += len(packet.payload)
        self._memory.put((packet,))
        return True

    def run_on(self, run: Run) -> bool:
        """Take packets if they are the next ones; else nothing, and False."""
        packets = run.packets
        first, count = packets[0], len(packets)
        if (first.seq - self.highest) & 0xFFFF != 1 or first.ssrc != self.ssrc or not self.run:
            return False
        self.highest += count
        self._received += count
        self.bytes += run.octets
        self.jitter, self._transit = run.jitter, None
        self._memory.put(packets)
        return True

    def _out_of_turn(self, packet: Packet, now: float) -> bool:
        if packet.ssrc != self.ssrc or not self.run:
            self._restart(packet)
        step = (packet.seq - self.highest) & 0xFFFF
        if step >= 0x8000:
            step -= 0x10000
        if abs(step) > RESTART:
            self._restart(packet)
            step = 1
        if step <= 0:
            if step <= -CACHE or self.kept(packet.seq) is not None:
                return False
            self._missing.pop(packet.seq, None)
            return True
        for seq in range(self.highest + max(1, step - MOST_MISSING), self.highest + step):
            self._missing[seq & 0xFFFF] = _Miss(next_at=now + REORDER_S)
        self.highest += step
        self._measure(packet, now)
        return True

    def kept(self, seq: int) -> Packet | None:
        """A packet that came lately, by its number."""
        return self._memory.find(seq)

    def misses(self, seq: int) -> bool:
        """Whether a packet of that number belongs to the last ones and has not come."""
        return self.run > 0 and (self.highest - seq) & 0xFFFF < CACHE and self.kept(seq) is None

    def _restart(self, packet: Packet) -> None:
        self.ssrc = packet.ssrc
        self.run += 1
        self.highest = self._first = packet.seq
        self.highest -= 1
        self._received, self._prior, self._transit = 0, (0, 0), None
        self._memory = Memory()
        self._missing.clear()
        self._report = (0, 0.0)

    def _measure(self, packet: Packet, now: float) -> None:
        transit = now * self.rate - packet.ts
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < self.rate * 5:
                self.jitter += (change - self.jitter) / 16
        self._transit = transit

    @property
    def gaps(self) -> bool:
        """Whether something is missing that is still hoped for."""
        return bool(self._missing)

    def wanted(self, now: float, rtt_s: float = 0.0) -> list[int]:
        """What to ask for again now; again only after an answer could have come."""
        if not self._missing:
            return []
        due = []
        for seq, miss in list(self._missing.items()):
            if miss.tries >= NACK_TRIES:
                del self._missing[seq]
            elif miss.next_at <= now:
                miss.tries += 1
                miss.next_at = now + max(NACK_EVERY_S, rtt_s * 1.2)
                due.append(seq)
        return due

    def reported(self, report: SenderReport, now: float) -> None:
        """The sender has told its clock."""
        self._report = ((report.ntp >> 16) & 0xFFFFFFFF, now)

    def report(self, now: float) -> Report:
        """What to tell the sender about this stream."""
        expected = self.highest - self._first + 1
        new, got = expected - self._prior[0], self._received - self._prior[1]
        self.fraction = max(0, min(255, (new - got) * 256 // new)) if new > 0 else 0
        self.lately_lost = max(self.fraction / 256, self.lately_lost / 2)
        self._prior = (expected, self._received)
        lsr, at = self._report
        dlsr = int((now - at) * 65536) if lsr else 0
        lost = max(0, expected - self._received)
        return Report(
            self.ssrc, self.fraction, lost, self.highest, int(self.jitter), lsr, dlsr & 0xFFFFFFFF
        )
