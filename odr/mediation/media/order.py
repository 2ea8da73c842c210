# ruff: noqa: PLR2004 -- the numbers are halves of 16-bit wheels
"""Packets of one stream in the order in which they were sent; it does not know what is in them.

What is missing is waited for, since it is asked for again; then it is passed over.
"""

from collections.abc import Sequence

from odr.mediation.media.rtp import Packet

MOST_WAITING = 400
FAR = 3000  # numbers; what lies further off begins anew


class Order:
    """One stream; ``patience_s`` is how long a missing packet is waited for."""

    def __init__(self, patience_s: float) -> None:
        """Whatever comes first is the first."""
        self._patience = patience_s
        self._next: int | None = None
        self._ssrc = 0
        self._waiting: dict[int, Packet] = {}
        self._since = 0.0

    def run(self, packets: Sequence[Packet], now: float) -> Sequence[Packet | None]:
        """Take packets with consecutive numbers; those whose turn it is, None where some stay missing."""
        first = packets[0]
        if first.seq == self._next and not self._waiting and first.ssrc == self._ssrc:
            self._next = (first.seq + len(packets)) & 0xFFFF  # nearly always
            return packets
        return [one for packet in packets for one in self._push(packet, now)]

    def rest(self) -> list[Packet]:
        """What still waits for something missing, when no more will come."""
        found: list[Packet | None] = []
        while self._waiting:
            found += self._pass_over(self._since)
        return [one for one in found if one is not None]

    def _push(self, packet: Packet, now: float) -> list[Packet | None]:
        ready: list[Packet | None] = []
        if self._next is None:
            self._next, self._ssrc = packet.seq, packet.ssrc
        distance = (packet.seq - self._next) & 0xFFFF
        if packet.ssrc != self._ssrc or FAR < distance < 0x10000 - FAR:
            ready += [*self.rest(), None]
            self._next, self._ssrc, distance = packet.seq, packet.ssrc, 0
        if distance >= 0x8000:
            return ready
        if not self._waiting:
            self._since = now
        self._waiting[packet.seq] = packet
        ready += self._turn(now)
        overdue = now - self._since > self._patience or len(self._waiting) > MOST_WAITING
        if self._waiting and overdue:
            ready += [None, *self._pass_over(now)]
        return ready

    def _pass_over(self, now: float) -> list[Packet | None]:
        """Go on with the first one behind what is missing."""
        start = self._next or 0
        self._next = min(self._waiting, key=lambda seq: (seq - start) & 0xFFFF)
        return self._turn(now)

    def _turn(self, now: float) -> list[Packet | None]:
        """Everything up to the next that is missing, which is waited for from now on."""
        found: list[Packet | None] = []
        expected = self._next or 0
        while (packet := self._waiting.pop(expected, None)) is not None:
            expected = (expected + 1) & 0xFFFF
            found.append(packet)
        if found:
            self._next, self._since = expected, now
        return found
