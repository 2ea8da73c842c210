"""One film being written: the frames of one connection become clusters; it does not know networks.

Frames are gathered by the event loop (``sound``, ``picture``, ``collect``) and written by one worker
(``write``); the two share nothing but what ``collect`` hands over.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from odr import chain
from odr.recordings import entries, webm
from odr.recordings.manifest import Piece

LONGEST_CLUSTER_MS = 30_000
Frame = tuple[int, int, bool, bytes]  # a webm.Block; a bare tuple, for one is made of every packet
_TIME: Callable[[Frame], int] = itemgetter(1)


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
        self._handle: int | None = None
        self._size = 0
        self._picture: webm.Picture | None = None
        self._begun = False
        self.waits_for_key = True
        self._t0: int | None = None
        self._frames: list[Frame] = []
        self._shown = -1
        self._last = [-1, -1, -1]

    def sound(self, t_ms: int, data: bytes) -> None:
        """One Opus packet; one that came late is put where it belongs."""
        self._frames.append((webm.AUDIO, t_ms, True, data))

    def picture(self, t_ms: int, data: bytes, picture: webm.Picture, *, key: bool) -> None:
        """One coded picture; what comes before the first key frame cannot be shown and is left out.

        Pictures stay in the order in which they are to be decoded, whatever their times say.
        """
        if self.waits_for_key and not key:
            return
        self.waits_for_key = False
        if not self._begun and (self._picture is None or key):
            self._picture = picture
        self._shown = max(t_ms, self._shown + 1)
        self._frames.append((webm.VIDEO, self._shown, key, data))

    def takes(self, picture: webm.Picture) -> bool:
        """Whether this film's head fits such pictures; VP8 carries its size in each key frame."""
        known = self._picture
        if known is None:
            return not self._begun or picture.codec == "vp8"
        return known.codec == picture.codec == "vp8" or known == picture

    def _blocks(self, t0: int) -> list[Frame]:
        """What was gathered on the time of the file; no track runs backwards or stands still."""
        frames, self._frames, last = self._frames, [], self._last
        frames.sort(key=_TIME)
        blocks = []
        for track, t_ms, key, data in frames:
            when = t_ms - t0
            if when <= last[track]:
                when = last[track] + 1
            last[track] = when
            blocks.append((track, when, key, data))
        return blocks

    def collect(self) -> Chunk | None:
        """What has been gathered since the last time; None when there is nothing."""
        if not self._frames:
            return None
        if self._t0 is None:
            self._t0 = min(map(_TIME, self._frames))
        blocks = self._blocks(self._t0)
        clusters = [] if self._begun else [webm.head(self._picture or webm.Picture())]
        self._begun = True
        start, begin = 0, blocks[0][1]
        for place, block in enumerate(blocks):
            if block[1] - begin > LONGEST_CLUSTER_MS:
                clusters.append(webm.cluster(blocks[start:place]))
                start, begin = place, block[1]
        clusters.append(webm.cluster(blocks[start:]))
        tracks = {block[0] for block in blocks}
        return Chunk(
            self,
            b"".join(clusters),
            self._t0 + blocks[0][1],
            self._t0 + max(map(_TIME, blocks)),
            webm.AUDIO in tracks,
            webm.VIDEO in tracks,
        )

    @property
    def pending(self) -> bool:
        """Whether something was gathered that nobody has collected."""
        return bool(self._frames)

    def forget(self) -> None:
        """Drop what was gathered; the picture goes on with the next key frame."""
        self.waits_for_key = True
        self._frames = []

    def write(self, chunk: Chunk) -> Piece:
        """Append and flush to disk; after an error the same place is written again."""
        if self._handle is None:
            new = 0 if self._size else os.O_CREAT | os.O_EXCL
            self._handle = os.open(self.path, os.O_RDWR | new, 0o600)
        data = chunk.data
        if not self._size and not data.startswith(webm.MAGIC):  # the head was lost to a full disk
            data = webm.head(self._picture or webm.Picture()) + data
        entries.write_at(self._handle, data, self._size)
        offset, self._size = self._size, self._size + len(data)
        return Piece(
            self.path.name,
            offset,
            len(data),
            chain.digest(data),
            chunk.t0_ms,
            chunk.t1_ms,
            audio=chunk.audio,
            video=chunk.video,
        )

    def close(self, *, mine: bool = True) -> None:
        """No more comes; what an error left behind the last whole part is cut, if it is still ours."""
        if self._handle is not None:
            if mine:
                os.ftruncate(self._handle, self._size)
            os.close(self._handle)
            self._handle = None
