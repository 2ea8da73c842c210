"""One film being written: the frames of one connection become clusters; it does not know networks.

Frames are gathered by the event loop (``sound``, ``picture``, ``collect``) and written by one worker
(``write``); the two share nothing but what ``collect`` hands over.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from odr import chain
from odr.recordings import webm
from odr.recordings.manifest import Piece

LONGEST_CLUSTER_MS = 30_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes ready to be appended to a film, and the time they cover in milliseconds of the room."""

    film: "Film"
    data: bytes
    t0_ms: int
    t1_ms: int
    audio: bool
    video: bool


class Film:
    """A WebM file of one seat and one connection; its time begins with its first frame."""

    def __init__(self, folder: Path, name: str) -> None:
        """Nothing is written before the first frame."""
        self.path = folder / name
        self._file: BinaryIO | None = None
        self._size = 0
        self._picture: webm.Picture | None = None
        self._begun = False
        self.waits_for_key = True
        self._t0: int | None = None
        self._blocks: list[webm.Block] = []
        self._last = {webm.AUDIO: -1, webm.VIDEO: -1}

    def sound(self, t_ms: int, data: bytes) -> None:
        """One Opus packet."""
        self._add(webm.AUDIO, t_ms, data, key=True)

    def picture(self, t_ms: int, data: bytes, picture: webm.Picture, *, key: bool) -> None:
        """One coded picture; what comes before the first key frame cannot be shown and is left out."""
        if self.waits_for_key and not key:
            return
        self.waits_for_key = False
        if not self._begun and (self._picture is None or key):
            self._picture = picture
        self._add(webm.VIDEO, t_ms, data, key=key)

    def takes(self, picture: webm.Picture) -> bool:
        """Whether this film's head fits such pictures; VP8 carries its size in each key frame."""
        known = self._picture
        if known is None:
            return not self._begun or picture.codec == "vp8"
        return known.codec == picture.codec == "vp8" or known == picture

    def _add(self, track: int, t_ms: int, data: bytes, *, key: bool) -> None:
        if self._t0 is None:
            self._t0 = t_ms
        when = max(t_ms - self._t0, 0)
        if track == webm.AUDIO and when <= self._last[track]:
            when = self._last[track] + 1
        if track == webm.VIDEO:
            when = max(when, self._last[track] + 1)
        self._last[track] = when
        self._blocks.append(webm.Block(track, when, key, data))

    def collect(self) -> Chunk | None:
        """What has been gathered since the last time; None when there is nothing."""
        if not self._blocks or self._t0 is None:
            return None
        blocks, self._blocks = sorted(self._blocks, key=lambda block: block.t_ms), []
        data = b"" if self._begun else webm.head(self._picture or webm.Picture())
        self._begun = True
        first, part = blocks[0].t_ms, list[webm.Block]()
        for block in blocks:
            if block.t_ms - (part[0].t_ms if part else first) > LONGEST_CLUSTER_MS:
                data, part = data + webm.cluster(part), []
            part.append(block)
        data += webm.cluster(part)
        tracks = {block.track for block in blocks}
        return Chunk(
            self,
            data,
            self._t0 + first,
            self._t0 + blocks[-1].t_ms,
            webm.AUDIO in tracks,
            webm.VIDEO in tracks,
        )

    def write(self, chunk: Chunk) -> Piece:
        """Append and flush to disk; after an error the same place is written again."""
        if self._file is None:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "r+b", buffering=0)
        self._file.seek(self._size)
        view = memoryview(chunk.data)
        while view:
            view = view[self._file.write(view) or 0 :]
        os.fsync(self._file.fileno())
        offset, self._size = self._size, self._size + len(chunk.data)
        return Piece(
            self.path.name,
            offset,
            len(chunk.data),
            chain.digest(chunk.data),
            chunk.t0_ms,
            chunk.t1_ms,
            audio=chunk.audio,
            video=chunk.video,
        )

    def close(self) -> None:
        """No more comes; what an error left behind the last whole part is cut."""
        if self._file is not None:
            self._file.truncate(self._size)
            self._file.close()
            self._file = None
