"""The RTCP of a client that hears everything; it does not know sockets or keys."""

import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

NTP_1970 = 2_208_988_800
SENDER, RECEIVER, TRANSPORT, PAYLOAD = 200, 201, 205, 206
PLI, FIR, NACK = 1, 4, 1
GOOD_LINE = 4_000_000  # bits a second
REMB_EXP = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender report says of one stream."""

    ssrc: int
    ts: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a receiver report says of one stream."""

    ssrc: int
    highest: int
    lsr: int
    told_at: float


def sender_report(sent: Sent) -> bytes:
    """A sender report for this moment."""
    now = time.time() + NTP_1970
    ntp = int(now * 2**32) & 0xFFFFFFFFFFFFFFFF
    head = struct.pack("!BBHI", 0x80, SENDER, 6, sent.ssrc)
    return head + struct.pack("!QIII", ntp, sent.ts, sent.packets, sent.octets & 0xFFFFFFFF)


def receiver_report(ssrc: int, heard: list[Heard], now: float, rate: int) -> bytes:
    """A report without loss, and a REMB that has room for ``rate`` bits a second."""
    blocks = b"".join(
        struct.pack(
            "!IIIIII",
            one.ssrc,
            0,
            one.highest,
            20,
            one.lsr,
            int((now - one.told_at) * 65536) if one.lsr else 0,
        )
        for one in heard
    )
    head = struct.pack("!BBHI", 0x80 | len(heard), RECEIVER, 1 + 6 * len(heard), ssrc)
    ssrcs = struct.pack(f"!{len(heard)}I", *(one.ssrc for one in heard))
    fits = (len(heard) << 24) | (REMB_EXP << 18) | (rate >> REMB_EXP)
    remb = struct.pack("!BBHII4sI", 0x8F, PAYLOAD, 4 + len(heard), ssrc, 0, b"REMB", fits)
    return head + blocks + remb + ssrcs


def parts(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Type, count or format, first SSRC and body of each packet of a compound."""
    at = 0
    while at + 8 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + words * 4
        yield kind, first & 31, struct.unpack_from("!I", data, at + 4)[0], data[at + 8 : end]
        at = end
