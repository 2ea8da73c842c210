# ruff: noqa: PLR2004 -- the numbers are those of H.264 and RFC 6184
"""One H.264 picture put together from RTP payloads (RFC 6184), as Matroska keeps it; it knows no stream."""

import struct

from odr.recordings.webm import Picture

STAP_A, FU_A = 24, 28
IDR, SPS, PPS = 5, 7, 8
NAL_MASK = 0x1F
MOST_NALS = 256


class AccessUnit:
    """The NAL units of one picture."""

    def __init__(self) -> None:
        """Empty."""
        self._nals: list[bytes] = []
        self._open: bytearray | None = None
        self._sets: dict[int, bytes] = {}

    @property
    def key(self) -> bool:
        """Whether it can be shown without pictures before it."""
        return any(nal[0] & NAL_MASK == IDR for nal in self._nals)

    def add(self, payload: bytes) -> bool:
        """Take one payload; False when it cannot belong to a picture."""
        kind = payload[0] & NAL_MASK
        if len(self._nals) > MOST_NALS:
            return False
        if kind == STAP_A:
            return self._bundle(payload)
        if kind == FU_A:
            return self._fragment(payload)
        if not 0 < kind < STAP_A:
            return False
        self._keep(payload)
        return True

    def _bundle(self, payload: bytes) -> bool:
        place = 1
        while place + 2 < len(payload):
            size = int.from_bytes(payload[place : place + 2], "big")
            place += 2
            if not size or place + size > len(payload):
                return False
            self._keep(payload[place : place + size])
            place += size
        return True

    def _fragment(self, payload: bytes) -> bool:
        if len(payload) < 3:
            return False
        if payload[1] & 0x80:
            self._open = bytearray([payload[0] & 0xE0 | payload[1] & NAL_MASK])
        if self._open is None:
            return False
        self._open += payload[2:]
        if payload[1] & 0x40:
            self._keep(bytes(self._open))
            self._open = None
        return True

    def _keep(self, nal: bytes) -> None:
        kind = nal[0] & NAL_MASK
        if kind in (SPS, PPS):
            self._sets[kind] = nal
        self._nals.append(nal)

    def data(self) -> bytes:
        """The picture with every unit behind its length."""
        return b"".join(struct.pack("!I", len(nal)) + nal for nal in self._nals)

    def picture(self) -> Picture | None:
        """How it is coded; None when the parameter sets do not come with it."""
        sps, pps = self._sets.get(SPS), self._sets.get(PPS)
        if sps is None or pps is None or len(sps) < 4:
            return None
        head = bytes([1, *sps[1:4], 0xFF, 0xE1]) + struct.pack("!H", len(sps)) + sps
        private = head + b"\x01" + struct.pack("!H", len(pps)) + pps
        return Picture("h264", *size_of(sps), private)


class _Bits:
    """The bits of a parameter set, most significant first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("the parameter set is cut")
        return (self._value >> self._left) & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise ValueError("not an exponential Golomb number")
        return (1 << zeros) - 1 + self.take(zeros) if zeros else 0


def size_of(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels of a baseline parameter set; 640 and 480 when it cannot be read."""
    try:
        return _size(_Bits(sps[4:].replace(b"\x00\x00\x03", b"\x00\x00")))
    except ValueError:
        return 640, 480


def _size(bits: _Bits) -> tuple[int, int]:
    bits.golomb()
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        raise ValueError("picture order type 1 is not baseline of any browser")
    bits.golomb()
    bits.take(1)
    width, height = 16 * (bits.golomb() + 1), 16 * (bits.golomb() + 1)
    if not bits.take(1):
        height *= 2
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width -= 2 * (left + right)
        height -= 2 * (top + bottom)
    if not (0 < width <= 8192 and 0 < height <= 8192):
        raise ValueError("no such size")
    return width, height
