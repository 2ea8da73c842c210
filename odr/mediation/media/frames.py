# ruff: noqa: PLR2004 -- the numbers are those of RFC 7741
"""Pictures put together from RTP payloads (VP8: RFC 7741, H.264: RFC 6184); it does not know who sent them.

What stays missing ends the picture, and nothing is given out until the next key frame: a film shows a
pause rather than a smear.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from odr.mediation.media.h264 import AccessUnit
from odr.mediation.media.order import Order
from odr.mediation.media.rtp import Packet
from odr.recordings.webm import Picture

PATIENCE_S = 0.3
BIGGEST_FRAME = 4 << 20
VP8_KEY_HEAD = 10


@dataclass(frozen=True, slots=True)
class Frame:
    """One coded picture as a film keeps it."""

    ts: int
    key: bool
    data: bytes
    picture: Picture


@dataclass(slots=True)
class _Partial:
    """A picture whose packets are still coming."""

    ts: int
    parts: list[bytes] = field(default_factory=list)
    unit: AccessUnit | None = None
    size: int = 0


class Assembler:
    """One stream of pictures; ``codec`` is "vp8" or "h264"."""

    def __init__(self, codec: str) -> None:
        """Nothing before the first key frame."""
        self.codec = codec
        self.wants_key = True
        self._order = Order(PATIENCE_S)
        self._partial: _Partial | None = None
        self._picture: Picture | None = None

    def push(self, packet: Packet, now: float) -> list[Frame]:
        """Take one packet; the pictures that are whole now."""
        return self.run((packet,), now)

    def run(self, packets: Sequence[Packet], now: float) -> list[Frame]:
        """Take packets with consecutive numbers; the pictures that are whole now."""
        frames = []
        for packet in self._order.run(packets, now):
            if packet is None:  # what is missing will not come
                self._partial = None
                self.wants_key = True
            elif packet.payload and (frame := self._take(packet)) is not None:
                frames.append(frame)
        return frames

    def _take(self, packet: Packet) -> Frame | None:
        partial = self._partial
        if partial is None or partial.ts != packet.ts:
            partial = self._partial = _Partial(packet.ts)
        good = self._vp8(partial, packet) if self.codec == "vp8" else self._h264(partial, packet)
        if not good or partial.size > BIGGEST_FRAME:
            self._partial = None
            self.wants_key = True
            return None
        if not packet.marker:
            return None
        self._partial = None
        frame = self._whole(partial)
        if frame is None or (self.wants_key and not frame.key):
            return None
        self.wants_key = False
        return frame

    def _vp8(self, partial: _Partial, packet: Packet) -> bool:
        found = vp8_payload(packet.payload)
        if found is None or (not partial.parts and not found[0]):
            return False
        partial.parts.append(found[1])
        partial.size += len(found[1])
        return True

    def _h264(self, partial: _Partial, packet: Packet) -> bool:
        partial.unit = partial.unit or AccessUnit()
        partial.size += len(packet.payload)
        return partial.unit.add(packet.payload)

    def _whole(self, partial: _Partial) -> Frame | None:
        if partial.unit is not None:
            picture = partial.unit.picture() or self._picture
            if picture is None or not partial.unit.data():
                return None
            self._picture = picture
            return Frame(partial.ts, partial.unit.key, partial.unit.data(), picture)
        data = b"".join(partial.parts)
        if len(data) < 3:
            return None
        key = not data[0] & 1
        if key:
            self._picture = _vp8_picture(data) or self._picture
        return Frame(partial.ts, key, data, self._picture) if self._picture else None


def vp8_payload(data: bytes) -> tuple[bool, bytes] | None:
    """Whether a payload begins a picture, and its bytes; None when the descriptor is cut."""
    place, first = 1, data[0]
    if first & 0x80:
        if len(data) < 2:
            return None
        flags = data[1]
        place = 2
        if flags & 0x80:
            place += 2 if len(data) > place and data[place] & 0x80 else 1
        place += bool(flags & 0x40) + bool(flags & 0x30)
    if place >= len(data):
        return None
    return bool(first & 0x10) and not first & 0x07, data[place:]


def _vp8_picture(data: bytes) -> Picture | None:
    if len(data) < VP8_KEY_HEAD or data[3:6] != b"\x9d\x01\x2a":
        return None
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    height = int.from_bytes(data[8:10], "little") & 0x3FFF
    return Picture("vp8", width, height) if width and height else None
