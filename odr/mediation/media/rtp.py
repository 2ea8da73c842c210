# ruff: noqa: PLR2004 -- the numbers are those of RFC 3550 and RFC 4585
"""RTP and RTCP as a forwarder needs them: read a header, write another; it does not know connections.

What arrives is hostile until parsed: every function answers None or nothing rather than raising.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

HEADER = struct.Struct("!BBHII")
PLI, FIR = 1, 4
ONE_BYTE_EXTENSIONS = 0xBEDE
EXTENSION_BIT, PADDING_BIT = 0x10, 0x20
LONGEST = 1400
SR, RR, SDES, RTPFB, PSFB = 200, 201, 202, 205, 206
NACK, REMB = 1, 15
REPORT_BYTES = 24
REPEAT_HEAD = 2


class Packet(NamedTuple):
    """One RTP packet without padding and extensions, a tuple because there are thousands a second.

    ``level`` is -dBov of the sound (127: unknown), ``at`` when it came, in seconds of the monotonic clock.
    """

    pt: int
    marker: bool
    seq: int
    ts: int
    ssrc: int
    payload: bytes
    level: int = 127
    at: float = 0.0


class Run(NamedTuple):
    """Packets of one stream with consecutive numbers, which came in turn.

    ``octets`` of payload in all; ``jitter`` of the stream behind them, in its time stamps (RFC 3550 §6.4.1).
    """

    packets: Sequence[Packet]
    octets: int
    jitter: float


def is_control(data: bytes) -> bool:
    """Whether it is RTCP rather than RTP (RFC 5761 §4: types 192 to 223)."""
    return len(data) > 1 and 192 <= data[1] <= 223


def parse(data: bytes, level_id: int = 0, at: float = 0.0) -> Packet | None:
    """Read a packet; None when it is not one. ``level_id``: the extension that tells the loudness."""
    if len(data) < HEADER.size or data[0] >> 6 != 2:
        return None
    first, second, seq, ts, ssrc = HEADER.unpack_from(data)
    begin, end, level = HEADER.size + 4 * (first & 0x0F), len(data), 127
    if first & EXTENSION_BIT:
        if begin + 4 > end:
            return None
        profile, words = struct.unpack_from("!HH", data, begin)
        begin += 4
        if level_id and profile == ONE_BYTE_EXTENSIONS:
            level = _level(data[begin : begin + 4 * words], level_id)
        begin += 4 * words
    if first & PADDING_BIT:
        end -= data[-1] or len(data)
    if begin > end:
        return None
    return Packet(second & 0x7F, second > 127, seq, ts, ssrc, data[begin:end], level, at)


def _level(extensions: bytes, wanted: int) -> int:
    place = 0
    while place + 1 < len(extensions):
        head = extensions[place]
        if not head:
            place += 1
            continue
        if head >> 4 == wanted:
            return extensions[place + 1] & 0x7F
        place += 2 + (head & 0x0F)
    return 127


def build(packet: Packet, pt: int, seq: int, ts: int, ssrc: int) -> bytes:
    """The same payload under another header, without extensions."""
    second = pt | 0x80 if packet.marker else pt
    return HEADER.pack(0x80, second, seq & 0xFFFF, ts & 0xFFFFFFFF, ssrc) + packet.payload


def repeated(packet: Packet, pt: int, ssrc: int) -> Packet | None:
    """What a repeat repeats (RFC 4588 §4), under the stream's own type and SSRC; None: it is padding."""
    if len(packet.payload) <= REPEAT_HEAD:
        return None
    seq = int.from_bytes(packet.payload[:REPEAT_HEAD], "big")
    return packet._replace(pt=pt, seq=seq, ssrc=ssrc, payload=packet.payload[REPEAT_HEAD:])


@dataclass(frozen=True, slots=True)
class Report:
    """What a receiver says about a stream it gets."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """A sender's clock: 64-bit NTP at an RTP time."""

    ssrc: int
    ntp: int
    ts: int


@dataclass(frozen=True, slots=True)
class Nack:
    """Packets somebody misses."""

    ssrc: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """Somebody needs a key frame."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many bits a second a receiver believes its line carries (REMB)."""

    ssrc: int
    bps: int


Feedback = Report | SenderReport | Nack | KeyRequest | Estimate


def parse_rtcp(data: bytes) -> list[Feedback]:
    """Everything understood in a compound packet; a malformed rest is left out."""
    found: list[Feedback] = []
    place = 0
    while place + 8 <= len(data) and data[place] >> 6 == 2:
        count, kind = data[place] & 0x1F, data[place + 1]
        end = place + 4 * (1 + int.from_bytes(data[place + 2 : place + 4], "big"))
        if end > len(data):
            break
        found += _one(kind, count, data[place + 4 : end])
        place = end
    return found


def _one(kind: int, count: int, body: bytes) -> list[Feedback]:
    if kind == SR and len(body) >= REPORT_BYTES:
        ssrc, ntp, ts = struct.unpack_from("!IQI", body)
        return [SenderReport(ssrc, ntp, ts), *_reports(body[24:], count)]
    if kind == RR:
        return list(_reports(body[4:], count))
    if kind in (RTPFB, PSFB) and len(body) >= 8:
        return _feedback(kind, count, body)
    return []


def _reports(body: bytes, count: int) -> list[Report]:
    found = []
    for index in range(min(count, len(body) // REPORT_BYTES)):
        ssrc, lost, highest, jitter, lsr, dlsr = struct.unpack_from("!IIIIII", body, index * 24)
        total = lost & 0xFFFFFF
        total -= (total & 0x800000) << 1
        found.append(Report(ssrc, lost >> 24, total, highest, jitter, lsr, dlsr))
    return found


def _feedback(kind: int, fmt: int, body: bytes) -> list[Feedback]:
    ssrc = struct.unpack_from("!I", body, 4)[0]
    if kind == PSFB and fmt == PLI:
        return [KeyRequest(ssrc)]
    if kind == PSFB and fmt == FIR and len(body) >= 12:
        return [KeyRequest(struct.unpack_from("!I", body, 8)[0])]
    if kind == PSFB and fmt == REMB and body[8:12] == b"REMB" and len(body) >= 16:
        mantissa = int.from_bytes(body[13:16], "big")
        return [Estimate(0, (mantissa & 0x3FFFF) << (mantissa >> 18))]
    if kind == RTPFB and fmt == NACK:
        seqs = []
        for place in range(8, len(body) - 3, 4):
            first, mask = struct.unpack_from("!HH", body, place)
            seqs += [first, *((first + 1 + bit) & 0xFFFF for bit in range(16) if mask >> bit & 1)]
        return [Nack(ssrc, tuple(seqs))]
    return []


def _rtcp(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def receiver_report(ssrc: int, reports: list[Report]) -> bytes:
    """What was received of a sender's streams."""
    body = struct.pack("!I", ssrc)
    for one in reports:
        lost = (one.fraction_lost << 24) | (max(-0x800000, min(0x7FFFFF, one.lost)) & 0xFFFFFF)
        body += struct.pack(
            "!IIIIII", one.ssrc, lost, one.highest & 0xFFFFFFFF, one.jitter, one.lsr, one.dlsr
        )
    return _rtcp(RR, len(reports), body)


def sender_report(report: SenderReport, packets: int, octets: int) -> bytes:
    """A sender's clock told to a receiver, under the SSRC that receiver knows."""
    body = struct.pack("!IQI", report.ssrc, report.ntp, report.ts & 0xFFFFFFFF)
    return _rtcp(SR, 0, body + struct.pack("!II", packets & 0xFFFFFFFF, octets & 0xFFFFFFFF))


def key_request(ssrc: int, media: int) -> bytes:
    """Ask a sender for a key frame (PLI)."""
    return _rtcp(PSFB, PLI, struct.pack("!II", ssrc, media))


def nack(ssrc: int, media: int, seqs: list[int]) -> bytes:
    """Ask a sender for packets again."""
    body = struct.pack("!II", ssrc, media)
    rest = sorted(seqs)
    while rest:
        first, mask = rest.pop(0), 0
        while rest and rest[0] - first <= 16:
            mask |= 1 << (rest.pop(0) - first - 1)
        body += struct.pack("!HH", first, mask)
    return _rtcp(RTPFB, NACK, body)


def bitrate_cap(ssrc: int, media: int, bitrate: int) -> bytes:
    """Tell a sender how many bits a second it may send (REMB)."""
    exponent = max(0, bitrate.bit_length() - 18)
    mantissa = bitrate >> exponent
    head = struct.pack("!BBH", 1, (exponent << 2) | (mantissa >> 16), mantissa & 0xFFFF)
    return _rtcp(
        PSFB, REMB, struct.pack("!II", ssrc, 0) + b"REMB" + head + struct.pack("!I", media)
    )
