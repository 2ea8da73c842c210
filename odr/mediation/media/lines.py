# ruff: noqa: PLR2004 -- the numbers are halves of 16-bit wheels
"""One copy of a stream going out to one receiver; it does not know connections, rooms or clocks.

Sequence numbers and times of a copy are shifted, so that its receiver sees one unbroken stream even when
the seat behind it reconnects or another seat takes its place.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Protocol

from odr.mediation.media.rtp import Packet, Report, SenderReport, build
from odr.mediation.media.streams import Inbound

SR_MEMORY = 16
AHEAD = 0x4000  # numbers run over: the first that counts follows the last at this distance
LOSS_WINDOW_S = 0.9  # reports come about once a second


def _before(seq: int, first: int) -> bool:
    return (seq - first) & 0xFFFF >= 0x8000


@dataclass(frozen=True, slots=True)
class Shifts:
    """How far the numbers of a copy lie from its source's, the first number that counts, and what was sent."""

    seq: int
    ts: int
    first: int
    packets: int
    octets: int
    known: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """What was agreed on with a receiver: a line's SSRC and types (codec -> type), and those of its repeats.

    Repeats have their own SSRC and types (RFC 4588); without a type, what is missed is sent as it was.
    """

    kind: str
    ssrc: int
    types: dict[str, int]
    repeat_ssrc: int = 0
    repeat_types: dict[str, int] = field(default_factory=dict)


class Cable(Protocol):
    """A line that an engine feeds by itself; ``source`` is whatever the engine calls a sender."""

    def feed(self, source: Any, stream: Inbound, pt: int) -> None:  # noqa: ANN401
        """From now on copy that stream under this payload type."""
        ...

    def cut(self) -> None:
        """Copy nothing."""
        ...

    def allow(self, *, allowed: bool) -> None:
        """Send the copies, or hold them back."""
        ...

    def shifts(self) -> Shifts:
        """Where the numbers stand; not known before the first packet."""
        ...


class Outbound:
    """One copy for one receiver: under its SSRC, its payload types, its numbers."""

    __slots__ = (
        *("kind", "ssrc", "types", "loss", "rtt_ms", "_allowed", "_cable", "_fed"),
        *("_packets", "_octets", "_source", "_shift", "_first", "_last", "_told"),
        *("_sending", "_repeats", "_said", "_said_at", "_floor"),
    )

    def __init__(self, sending: Sending, cable: Cable | None = None) -> None:
        """Nothing has been sent; with a cable it is the engine that sends."""
        self.kind, self.ssrc, self.types = sending.kind, sending.ssrc, sending.types
        self._sending, self._repeats = sending, 0
        self.loss = 0.0
        self.rtt_ms = 0
        self._allowed, self._cable = True, cable
        self._fed: Inbound | None = None
        self._said: Report | None = None
        self._said_at = 0.0
        self._floor: tuple[int, int] | None = None  # run and number: what comes late from before
        self._packets = self._octets = 0
        self._source = self._shift = (0, 0)
        self._first = 0
        self._last: tuple[int, int, float] = (0, 0, 0.0)
        self._told: OrderedDict[int, float] = OrderedDict()

    @property
    def allowed(self) -> bool:
        """Whether the copy is sent; held back and let go again it still is one unbroken stream."""
        return self._allowed

    @allowed.setter
    def allowed(self, allowed: bool) -> None:
        if allowed != self._allowed:
            self._allowed, self._source, self._floor = allowed, (0, 0), None
            if self._cable is not None:
                self._cable.allow(allowed=allowed)

    @property
    def packets(self) -> int:
        """How many were sent."""
        return self._cable.shifts().packets if self._cable else self._packets

    @property
    def octets(self) -> int:
        """How many bytes of payload were sent."""
        return self._cable.shifts().octets if self._cable else self._octets

    def feed(self, source: Any, stream: Inbound | None) -> None:  # noqa: ANN401 -- the engine's own
        """Whose stream is copied on this line; None: nobody's.

        What was sent while nothing was copied never gets a number here: nobody can ask for it later.
        """
        if stream is self._fed:
            return
        self._fed, self._source = stream, (0, 0)
        self._floor = (stream.run, stream.highest) if stream and stream.run else None
        pt = self.types.get(stream.codec) if stream else None
        if self._cable is None:
            return
        if stream is None or pt is None:
            self._cable.cut()
        else:
            self._cable.feed(source, stream, pt)

    def copy(self, packet: Packet, source: Inbound, now: float) -> bytes | None:
        """The packet for this receiver; None when it cannot play the codec or is held back."""
        pt = self.types.get(source.codec)
        if pt is None or not self._allowed:
            return None
        if self._cable is not None:  # one the engine did not know what to do with
            found = self._shifts(source)
            if found is None or _before(found.seq + packet.seq, found.first):
                return None
            return build(packet, pt, found.seq + packet.seq, found.ts + packet.ts, self.ssrc)
        if not self._meant(packet, source, now):
            return None
        seq, ts = packet.seq + self._shift[0], packet.ts + self._shift[1]
        if not _before(seq, self._last[0]):
            self._last = (seq & 0xFFFF, ts & 0xFFFFFFFF, now)
        if (self._last[0] - self._first) & 0xFFFF > AHEAD:
            self._first = self._last[0] - AHEAD // 2
        self._packets += 1
        self._octets += len(packet.payload)
        return build(packet, pt, seq, ts, self.ssrc)

    def _meant(self, packet: Packet, source: Inbound, now: float) -> bool:
        """Whether it was sent while this line was fed, rather than coming late from before."""
        if self._source == (id(source), source.run):
            return not _before(packet.seq + self._shift[0], self._first)
        run, number = self._floor or (0, 0)
        if run == source.run and not _before(number, packet.seq):
            return False
        self._switch(packet, source, now)
        return True

    def _switch(self, packet: Packet, source: Inbound, now: float) -> None:
        self._source = (id(source), source.run)
        if self._packets:
            seq, ts, at = self._last
            since = max(1, int((now - at) * source.rate))
            self._shift = (seq + 1 - packet.seq, ts + since - packet.ts)
        self._first = (self._shift[0] + packet.seq) & 0xFFFF
        self._last = (self._first, self._last[1], now)
        self._told.clear()

    def _shifts(self, source: Inbound) -> Shifts | None:
        """The shifts as long as it is this source that is copied."""
        if self._cable is None:
            if self._source != (id(source), source.run):
                return None
            return Shifts(*self._shift, self._first, self._packets, self._octets, known=True)
        shifts = self._cable.shifts()
        return shifts if shifts.known and self._fed is source else None

    def again(self, seq: int, source: Inbound) -> bytes | None:
        """A packet this receiver misses, from the memory of its source; nothing from before a switch."""
        shifts = self._shifts(source)
        pt = self.types.get(source.codec)
        if shifts is None or pt is None or _before(seq, shifts.first):
            return None
        packet = source.kept((seq - shifts.seq) & 0xFFFF)
        if packet is None:
            return None
        ts, repeat = packet.ts + shifts.ts, self._sending.repeat_types.get(source.codec)
        if repeat is None:
            return build(packet, pt, seq, ts, self.ssrc)
        self._repeats += 1
        told = packet._replace(payload=(seq & 0xFFFF).to_bytes(2, "big") + packet.payload)
        return build(told, repeat, self._repeats, ts, self._sending.repeat_ssrc)

    def report(self, report: SenderReport, source: Inbound, now: float) -> SenderReport | None:
        """The sender's clock in this receiver's numbers; None before the first packet."""
        shifts = self._shifts(source)
        if shifts is None:
            return None
        self._told[(report.ntp >> 16) & 0xFFFFFFFF] = now
        if len(self._told) > SR_MEMORY:
            self._told.popitem(last=False)
        return SenderReport(self.ssrc, report.ntp, report.ts + shifts.ts)

    def heard(self, report: Report, now: float) -> None:
        """What the receiver says about this copy.

        A browser that asks for packets reports each time, over a handful of packets of which one is missing.
        So loss is counted here, over a second at least.
        """
        before = self._said
        if before is None:
            self._said, self._said_at = report, now
        elif now - self._said_at >= LOSS_WINDOW_S:
            came, lost = report.highest - before.highest, report.lost - before.lost
            self.loss = min(1.0, max(0, lost) / came) if came > 0 else 0.0
            self._said, self._said_at = report, now
        told = self._told.get(report.lsr)
        if told is not None:
            self.rtt_ms = max(0, round((now - told - report.dlsr / 65536) * 1000))
