# ruff: noqa: PLR2004 -- the numbers are those of RFC 7741
"""Pictures put together from RTP payloads (VP8: RFC 7741, H.264: RFC 6184); it does not know who sent them.

Packets are put in order first. What stays missing ends the picture, and nothing is given out until the
next key frame: a film shows a pause rather than a smear.
"""

from dataclasses import dataclass, field

from odr.mediation.media.h264 import AccessUnit
from odr.mediation.media.rtp import Packet
from odr.recordings.webm import Picture

PATIENCE_S = 0.3
MOST_WAITING = 400
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
        self._next: int | None = None
        self._waiting: dict[int, Packet] = {}
        self._since = 0.0
        self._partial: _Partial | None = None
        self._picture: Picture | None = None

    def push(self, packet: Packet, now: float) -> list[Frame]:
        """Take one packet; the pictures that are whole now."""
        if packet.seq == self._next and not self._waiting:  # nearly always
            self._next = (packet.seq + 1) & 0xFFFF
            frame = self._take(packet) if packet.payload else None
            return [] if frame is None else [frame]
        if self._next is None:
            self._next = packet.seq
        distance = (packet.seq - self._next) & 0xFFFF
        if distance >= 0x8000:
            return []
        if distance and not self._waiting:
            self._since = now
        self._waiting[packet.seq] = packet
        frames = self._drain(self._next)
        overdue = now - self._since > PATIENCE_S or len(self._waiting) > MOST_WAITING
        if self._waiting and overdue:
            self._give_up()
            frames += self._drain(self._next)
            self._since = now
        return frames

    def _drain(self, expected: int) -> list[Frame]:
        frames = []
        while (packet := self._waiting.pop(expected, None)) is not None:
            expected = (expected + 1) & 0xFFFF
            if packet.payload and (frame := self._take(packet)):
                frames.append(frame)
        self._next = expected
        return frames

    def _give_up(self) -> None:
        """The missing packets will not come."""
        start = self._next or 0
        self._next = min(self._waiting, key=lambda seq: (seq - start) & 0xFFFF)
        self._partial = None
        self.wants_key = True

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
