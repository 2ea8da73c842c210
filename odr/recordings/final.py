"""The final copy of a film for players: known sizes, duration and cues; it does not know the manifest.

What the recorder wrote live has no length and no index, so a player cannot move about in it. Here the
same clusters are copied byte for byte behind a new head (RFC 9559 §5.1: SeekHead, Info with Duration,
Tracks, Cues); the original, for which the manifest vouches, is only read.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from odr.errors import Refused
from odr.recordings import webm

SEEK_HEAD_ID, CUES_ID = 0x114D9B74, 0x1C53BB6B
SEEK, SEEK_ID, SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
DURATION, CLUSTER_TIME, SIMPLE_BLOCK, TRACK_ENTRY = 0x4489, 0xE7, 0xA3, 0xAE
CUE_POINT, CUE_TIME, CUE_TRACK_POSITIONS, CUE_TRACK, CUE_CLUSTER = 0xBB, 0xB3, 0xB7, 0xF7, 0xF1
PICTURE_TRACK = b"\x83\x81\x01"
KEY_FLAG = 0x80
LAST_FRAME_MS = 20
COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class _Element:
    identity: int
    begin: int
    payload: int
    end: int


@dataclass(frozen=True, slots=True)
class _Cluster:
    """One cluster of the source and what is in it; ``key_ms`` is its first key picture, -1: none."""

    at: _Element
    first_ms: int
    last_ms: int
    key_ms: int
    pictures: bool


def finalise(source: Path, target: Path) -> int:
    """Write the final copy whole or not at all; its duration in ms. Refused when there is no film."""
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with source.open("rb") as film, part.open("wb") as out:
            duration = _remux(film, source.stat().st_size, out)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return duration


def _remux(film: BinaryIO, size: int, out: BinaryIO) -> int:
    heads: dict[int, bytes] = {}
    clusters = []
    for one in _elements(film, 0, size):
        if one.identity == webm.CLUSTER_ID:
            clusters.append(_scan(film, one))
        else:
            heads.setdefault(one.identity, _payload(film, one))
    clusters = [cluster for cluster in clusters if cluster.last_ms >= 0]
    if not clusters or not {webm.INFO_ID, webm.TRACKS_ID, webm.EBML_ID} <= set(heads):
        raise Refused("recordings.broken", item=Path(film.name).name)
    duration = max(cluster.last_ms for cluster in clusters) + LAST_FRAME_MS
    _write_head(out, heads, clusters, duration)
    for cluster in clusters:
        _copy(film, cluster.at, out)
    return duration


def _elements(film: BinaryIO, begin: int, end: int) -> Iterator[_Element]:
    """The whole elements between two places; the segment itself is entered, not skipped."""
    while begin < end:
        film.seek(begin)
        found = webm.read_head(film.read(webm.LONGEST_ID + webm.LONGEST_SIZE))
        if found is None:
            return
        identity, length, size = found
        stop = begin + length + (size or 0)
        if identity != webm.SEGMENT_ID:
            if stop > end:
                return
            yield _Element(identity, begin, begin + length, stop)
        begin = begin + length if identity == webm.SEGMENT_ID else stop


def _payload(film: BinaryIO, one: _Element) -> bytes:
    film.seek(one.payload)
    return film.read(one.end - one.payload)


def _scan(film: BinaryIO, one: _Element) -> _Cluster:
    """Times of the blocks of one cluster; only this cluster is in memory."""
    base, times, key_ms, pictures = 0, [], -1, False
    for identity, data in _children(_payload(film, one)):
        if identity == CLUSTER_TIME:
            base = int.from_bytes(data, "big")
        elif identity == SIMPLE_BLOCK and len(data) >= webm.BLOCK_HEAD:
            track, step, flags = struct.unpack_from(">BhB", data)
            times.append(base + step)
            if track & 0x7F == webm.VIDEO:
                pictures = True
                key_ms = base + step if key_ms < 0 and flags & KEY_FLAG else key_ms
    return _Cluster(one, min(times, default=-1), max(times, default=-1), key_ms, pictures)


def _children(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(data):
        found = webm.read_head(data[place : place + webm.LONGEST_ID + webm.LONGEST_SIZE])
        if found is None or found[2] is None:
            return
        begin = place + found[1]
        place = begin + found[2]
        yield found[0], data[begin:place]


def _write_head(
    out: BinaryIO, heads: dict[int, bytes], clusters: list[_Cluster], duration: int
) -> None:
    """Everything before the clusters; every place is told in eight bytes, so the lengths are known."""
    seen = any(cluster.pictures for cluster in clusters)
    length = webm.element(DURATION, struct.pack(">d", float(duration)))
    info = webm.element(webm.INFO_ID, _info(heads[webm.INFO_ID]) + length)
    tracks = webm.element(webm.TRACKS_ID, _tracks(heads[webm.TRACKS_ID], pictures=seen))
    index = len(_seek_head(0, 0, 0))
    begin = index + len(info) + len(tracks) + len(_cues(clusters, 0, pictures=seen))
    cues = _cues(clusters, begin, pictures=seen)
    body = _seek_head(index, index + len(info), index + len(info) + len(tracks))
    body += info + tracks + cues
    total = len(body) + sum(cluster.at.end - cluster.at.begin for cluster in clusters)
    out.write(webm.element(webm.EBML_ID, heads[webm.EBML_ID]))
    out.write(webm.SEGMENT_ID.to_bytes(4, "big") + (total | 1 << 56).to_bytes(8, "big") + body)


def _info(data: bytes) -> bytes:
    """The information as it was, without a length that may not be true any more."""
    kept = [(identity, value) for identity, value in _children(data) if identity != DURATION]
    return b"".join(webm.element(identity, value) for identity, value in kept)


def _tracks(data: bytes, *, pictures: bool) -> bytes:
    """The tracks as they were, without that of a picture that never came."""
    entries = [payload for identity, payload in _children(data) if identity == TRACK_ENTRY]
    kept = [one for one in entries if pictures or PICTURE_TRACK not in one]
    return b"".join(webm.element(TRACK_ENTRY, one) for one in kept)


def _long(identity: int, value: int) -> bytes:
    return webm.element(identity, value.to_bytes(8, "big"))


def _seek_head(info: int, tracks: int, cues: int) -> bytes:
    places = ((webm.INFO_ID, info), (webm.TRACKS_ID, tracks), (CUES_ID, cues))
    seeks = [
        webm.element(
            SEEK,
            webm.element(SEEK_ID, identity.to_bytes(4, "big")) + _long(SEEK_POSITION, place),
        )
        for identity, place in places
    ]
    return webm.element(SEEK_HEAD_ID, b"".join(seeks))


def _cues(clusters: list[_Cluster], begin: int, *, pictures: bool) -> bytes:
    """One cue for each cluster in which playing can begin."""
    points, place = [], begin
    track = webm.VIDEO if pictures else webm.AUDIO
    for cluster in clusters:
        moment = cluster.key_ms if pictures else cluster.first_ms
        if moment >= 0:
            at = webm.element(CUE_TRACK, bytes([track])) + _long(CUE_CLUSTER, place)
            point = _long(CUE_TIME, moment) + webm.element(CUE_TRACK_POSITIONS, at)
            points.append(webm.element(CUE_POINT, point))
        place += cluster.at.end - cluster.at.begin
    return webm.element(CUES_ID, b"".join(points))


def _copy(film: BinaryIO, one: _Element, out: BinaryIO) -> None:
    film.seek(one.begin)
    left = one.end - one.begin
    while left and (data := film.read(min(left, COPY))):
        out.write(data)
        left -= len(data)
