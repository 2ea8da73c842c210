"""Reads one seat's files as pictures and sound on the clock of the session; it does not know the other seats.

A file is written live and may end anywhere: what cannot be decoded is passed over and the place stays empty.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from odr.recordings.picture import Plane, Size, fitted

logger = logging.getLogger(__name__)
Samples = npt.NDArray[np.int16]
RATE = 48_000
STALE_MS = 2_000  # a picture older than this is no longer what the camera sees
JUMP = RATE // 20  # smaller steps between sound packets are jitter, larger ones are silence


@dataclass(frozen=True)
class Track:
    """One file of one seat; ``t0_ms`` is its time 0 on the clock of the session."""

    path: Path
    seat: str
    t0_ms: int
    t1_ms: int


@dataclass(frozen=True)
class Picture:
    """One scaled picture, yuv420p."""

    data: Plane
    size: Size


class Pictures:
    """The pictures of one seat, asked for in the order of time."""

    def __init__(self, tracks: list[Track], into: Size) -> None:
        """``tracks`` of one seat; pictures are scaled to fit ``into``."""
        self._into = into
        self._scaler = VideoReformatter()
        self._frames = _frames(tracks)
        self._ahead = next(self._frames, None)
        self._latest: tuple[int, Any] | None = None
        self._scaled: tuple[int, Picture] | None = None

    def at(self, ms: int) -> Picture | None:
        """What was to be seen at ``ms``; None when the camera or the line was off."""
        while self._ahead is not None and self._ahead[0] <= ms:
            self._latest, self._ahead = self._ahead, next(self._frames, None)
        if self._latest is None or ms - self._latest[0] > STALE_MS:
            return None
        moment, frame = self._latest
        if self._scaled is None or self._scaled[0] != moment:
            self._scaled = moment, self._scale(frame)
        return self._scaled[1]

    def _scale(self, frame: Any) -> Picture:  # noqa: ANN401 -- av has no types
        size = fitted(Size(frame.width, frame.height), self._into)
        small = self._scaler.reformat(
            frame, size.width, size.height, "yuv420p", interpolation="FAST_BILINEAR"
        )
        return Picture(np.asarray(small.to_ndarray(), np.uint8), size)


class Sounds:
    """The sound of one seat, taken in the order of time."""

    def __init__(self, tracks: list[Track]) -> None:
        """``tracks`` of one seat."""
        self._chunks = _chunks(tracks)
        self._ahead = next(self._chunks, None)

    def take(self, start: int, count: int) -> Samples:
        """Samples ``start`` to ``start + count`` of the session, 48 kHz mono; silence where none is."""
        out = np.zeros(count, np.int16)
        while self._ahead is not None and self._ahead[0] < start + count:
            position, samples = self._ahead
            first, last = max(position, start), min(position + len(samples), start + count)
            if last > first:
                out[first - start : last - start] = samples[first - position : last - position]
            if position + len(samples) > start + count:
                break
            self._ahead = next(self._chunks, None)
        return out


def _frames(tracks: list[Track]) -> Iterator[tuple[int, Any]]:
    for track, end in _spans(tracks):
        for ms, frame in _decoded(track, "video"):
            if ms < end:
                yield ms, frame


def _chunks(tracks: list[Track]) -> Iterator[tuple[int, Samples]]:
    for track, end in _spans(tracks):
        resampler = av.AudioResampler("s16", "mono", RATE)
        position: int | None = None
        for ms, frame in _decoded(track, "audio"):
            told = ms * RATE // 1000
            if position is None or abs(told - position) > JUMP:
                position = told
            for part in resampler.resample(frame):
                samples = np.asarray(part.to_ndarray(), np.int16).reshape(-1)
                if ms < end:
                    yield position, samples
                position += len(samples)


def _spans(tracks: list[Track]) -> Iterator[tuple[Track, float]]:
    """Each track with the moment when its seat went over to the next file."""
    ordered = sorted(tracks, key=lambda track: track.t0_ms)
    ends = [*(float(track.t0_ms) for track in ordered[1:]), float("inf")]
    yield from zip(ordered, ends, strict=False)


def _decoded(track: Track, kind: str) -> Iterator[tuple[int, Any]]:
    """Every frame that decodes, with its moment in ms on the clock of the session."""
    try:
        container = av.open(str(track.path))
    except (av.error.FFmpegError, OSError) as error:
        logger.warning("track %s cannot be opened: %s", track.path.name, type(error).__name__)
        return
    with container:
        streams = [one for one in container.streams if one.type == kind]
        if not streams:
            return
        for packet in _packets(container, streams[0], track):
            for frame in _decode(packet, track):
                if frame.pts is not None:
                    yield track.t0_ms + int(frame.pts * frame.time_base * 1000), frame


def _packets(container: Any, stream: Any, track: Track) -> Iterator[Any]:  # noqa: ANN401 -- av has no types
    try:
        yield from container.demux(stream)
    except av.error.FFmpegError as error:
        logger.warning("track %s ends early: %s", track.path.name, type(error).__name__)


def _decode(packet: Any, track: Track) -> list[Any]:  # noqa: ANN401 -- av has no types
    try:
        return list(packet.decode())
    except av.error.FFmpegError as error:
        logger.debug("track %s: one packet passed over: %s", track.path.name, error)
        return []
