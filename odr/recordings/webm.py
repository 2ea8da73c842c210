"""WebM as a live writer needs it: a head, then whole clusters; it does not know where they are kept.

The segment has no size and every cluster has one, so a file that was cut anywhere plays up to its last
whole cluster, and the place of that cut is easily found again. After RFC 9559 and RFC 8794.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

AUDIO, VIDEO = 1, 2
UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"
EBML_ID, SEGMENT_ID = 0x1A45DFA3, 0x18538067
MAGIC = EBML_ID.to_bytes(4, "big")
INFO_ID, TRACKS_ID, CLUSTER_ID = 0x1549A966, 0x1654AE6B, 0x1F43B675
LONGEST_ID, LONGEST_SIZE = 4, 8
OPUS_PRE_SKIP_NS = 6_500_000
OPUS_ROLL_NS = 80_000_000
OPUS_HEAD = b"OpusHead" + struct.pack("<BBHIHB", 1, 2, 312, 48000, 0, 0)
APPLICATION = b"ODR recorder"
BLOCK_ID, BLOCK_HEAD, SHORT_LIMIT = 0xA3, 4, 0x3FFF
_SHORT_BLOCK, _LONG_BLOCK = struct.Struct(">BHBhB"), struct.Struct(">BIBhB")
_CLUSTER_NAME = CLUSTER_ID.to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class Picture:
    """How the picture track is coded: "vp8" or "h264" with its configuration record."""

    codec: str = "vp8"
    width: int = 640
    height: int = 480
    private: bytes = b""


class Block(NamedTuple):
    """One coded frame at ``t_ms`` of the file; a bare tuple of the same order will do."""

    track: int
    t_ms: int
    key: bool
    data: bytes


def element(identity: int, payload: bytes) -> bytes:
    """One EBML element with a known size."""
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + _size(len(payload)) + payload


def _size(value: int) -> bytes:
    for length in range(1, LONGEST_SIZE + 1):
        if value < (1 << (7 * length)) - 1:
            return (value | 1 << (7 * length)).to_bytes(length, "big")
    raise ValueError(value)


def _number(identity: int, value: int) -> bytes:
    return element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def head(picture: Picture | None) -> bytes:
    """Everything before the first cluster: one Opus track and, unless None, one picture track."""
    kind = b"webm" if picture is None or picture.codec == "vp8" else b"matroska"
    ebml = _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8)
    ebml += element(0x4282, kind) + _number(0x4287, 4) + _number(0x4285, 2)
    info = (
        _number(0x2AD7B1, 1_000_000) + element(0x4D80, APPLICATION) + element(0x5741, APPLICATION)
    )
    tracks = _sound() + (_pictures(picture) if picture else b"")
    segment = SEGMENT_ID.to_bytes(4, "big") + UNKNOWN
    return element(EBML_ID, ebml) + segment + element(INFO_ID, info) + element(TRACKS_ID, tracks)


def _sound() -> bytes:
    track = _number(0xD7, AUDIO) + _number(0x73C5, AUDIO) + _number(0x83, 2) + _number(0x9C, 0)
    track += element(0x86, b"A_OPUS") + element(0x63A2, OPUS_HEAD)
    track += _number(0x56AA, OPUS_PRE_SKIP_NS) + _number(0x56BB, OPUS_ROLL_NS)
    audio = element(0xB5, struct.pack(">d", 48000.0)) + _number(0x9F, 2)
    return element(0xAE, track + element(0xE1, audio))


def _pictures(picture: Picture) -> bytes:
    name = b"V_VP8" if picture.codec == "vp8" else b"V_MPEG4/ISO/AVC"
    track = _number(0xD7, VIDEO) + _number(0x73C5, VIDEO) + _number(0x83, 1) + _number(0x9C, 0)
    track += element(0x86, name)
    if picture.private:
        track += element(0x63A2, picture.private)
    video = _number(0xB0, picture.width) + _number(0xBA, picture.height)
    return element(0xAE, track + element(0xE0, video))


def cluster(blocks: Sequence[tuple[int, int, bool, bytes]]) -> bytes:
    """One cluster of ``Block``s (or bare tuples); they lie within 32 seconds."""
    base = min(block[1] for block in blocks)
    parts = [_number(0xE7, base)]
    append, short, long = parts.append, _SHORT_BLOCK.pack, _LONG_BLOCK.pack
    for track, t_ms, key, data in blocks:
        size = len(data) + BLOCK_HEAD
        flags = 0x80 if key else 0
        if size < SHORT_LIMIT:
            append(short(BLOCK_ID, 0x4000 | size, 0x80 | track, t_ms - base, flags))
        else:
            append(long(BLOCK_ID, 0x10000000 | size, 0x80 | track, t_ms - base, flags))
        append(data)
    size = sum(map(len, parts))
    return b"".join([_CLUSTER_NAME, _size(size), *parts])


def intact_size(path: Path) -> int:
    """How many bytes from the start are whole: the head and every complete cluster."""
    total = path.stat().st_size
    good = 0
    with path.open("rb") as file:
        while good < total:
            file.seek(good)
            found = read_head(file.read(LONGEST_ID + LONGEST_SIZE))
            if found is None:
                return good
            identity, length, size = found
            if identity == SEGMENT_ID:
                good += length
                continue
            known = identity in {EBML_ID, INFO_ID, TRACKS_ID, CLUSTER_ID}
            if not known or size is None or good + length + size > total:
                return good
            good += length + size
    return good


def read_head(data: bytes) -> tuple[int, int, int | None] | None:
    """Identity, length of the head and size (None: unknown) of the element that begins here."""
    if not data or not data[0]:
        return None
    id_length = 9 - data[0].bit_length()
    rest = data[id_length:]
    if id_length > LONGEST_ID or not rest or not rest[0]:
        return None
    size_length = 9 - rest[0].bit_length()
    if len(rest) < size_length:
        return None
    value = int.from_bytes(rest[:size_length], "big") & ((1 << (7 * size_length)) - 1)
    size = None if value == (1 << (7 * size_length)) - 1 else value
    return int.from_bytes(data[:id_length], "big"), id_length + size_length, size
