# ruff: noqa: PLR2004 -- the numbers are halves of 16-bit wheels
"""One copy of a stream going out to one receiver; it does not know connections, rooms or clocks.

Sequence numbers and times of a copy are shifted, so that its receiver sees one unbroken stream even when
the seat behind it reconnects or another seat takes its place.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from odr.mediation.media.rtp import Packet, Report, SenderReport, build
from odr.mediation.media.streams import Inbound

SR_MEMORY = 16


@dataclass(slots=True)
class Outbound:
    """One copy for one receiver: under its SSRC, its payload types (codec -> type), its numbers."""

    kind: str
    ssrc: int
    types: dict[str, int]
    loss: float = 0.0
    rtt_ms: int = 0
    packets: int = 0
    octets: int = 0
    _source: tuple[int, int] = (0, 0)
    _shift: tuple[int, int] = (0, 0)
    _last: tuple[int, int, float] = (0, 0, 0.0)
    _told: OrderedDict[int, float] = field(default_factory=OrderedDict)

    def copy(self, packet: Packet, source: Inbound, now: float) -> bytes | None:
        """The packet for this receiver; None when it cannot play the codec."""
        pt = self.types.get(source.codec)
        if pt is None:
            return None
        if self._source != (id(source), source.run):
            self._switch(packet, source, now)
        seq, ts = packet.seq + self._shift[0], packet.ts + self._shift[1]
        if (seq - self._last[0]) & 0xFFFF < 0x8000:
            self._last = (seq & 0xFFFF, ts & 0xFFFFFFFF, now)
        self.packets += 1
        self.octets += len(packet.payload)
        return build(packet, pt, seq, ts, self.ssrc)

    def _switch(self, packet: Packet, source: Inbound, now: float) -> None:
        self._source = (id(source), source.run)
        if self.packets:
            seq, ts, at = self._last
            since = max(1, int((now - at) * source.rate))
            self._shift = (seq + 1 - packet.seq, ts + since - packet.ts)
        self._last = (self._shift[0] + packet.seq & 0xFFFF, self._last[1], now)
        self._told.clear()

    def again(self, seq: int, source: Inbound) -> bytes | None:
        """A packet this receiver misses, from the memory of its source."""
        packet = source.cache.get((seq - self._shift[0]) & 0xFFFF)
        pt = self.types.get(source.codec)
        if packet is None or pt is None or self._source != (id(source), source.run):
            return None
        return build(packet, pt, seq, packet.ts + self._shift[1], self.ssrc)

    def report(self, report: SenderReport, source: Inbound, now: float) -> SenderReport | None:
        """The sender's clock in this receiver's numbers; None before the first packet."""
        if self._source != (id(source), source.run):
            return None
        self._told[(report.ntp >> 16) & 0xFFFFFFFF] = now
        if len(self._told) > SR_MEMORY:
            self._told.popitem(last=False)
        return SenderReport(self.ssrc, report.ntp, report.ts + self._shift[1])

    def heard(self, report: Report, now: float) -> None:
        """What the receiver says about this copy."""
        self.loss = report.fraction_lost / 256
        told = self._told.get(report.lsr)
        if told is not None:
            self.rtt_ms = max(0, round((now - told - report.dlsr / 65536) * 1000))
