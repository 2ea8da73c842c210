"""Makes one playable film from the tracks of a session; it does not know the case, the manifest or the rows.

H.264 and AAC in MP4 with the index in front and a key frame each second, so that a browser plays and seeks
it by ranges. It runs in the jobs process, never beside live media.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from odr.errors import NotFound, Refused
from odr.recordings.picture import (
    BAND,
    DIM,
    Canvas,
    Cell,
    Layout,
    Pen,
    Plane,
    Size,
    running_time,
    side_by_side,
)
from odr.recordings.reader import RATE, Pictures, Samples, Sounds, Track

FPS = 15
TICK = RATE // FPS  # samples of sound to one picture
CELL, ANGLE = Size(426, 320), Size(640, 480)
NO_PICTURE = "无画面/断线"
VIDEO = {"preset": "veryfast", "crf": "27", "sc_threshold": "0", "tune": "fastdecode"}
LOUDEST, RELEASE = 30_000, 0.02
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Reel:
    """What a film is made of. ``labels`` names the seats in the order in which they are shown."""

    tracks: Sequence[Track]
    labels: Mapping[str, str]
    duration_ms: int
    font: Path
    title: str = ""
    cell: Size = CELL

    def of(self, seat: str) -> list[Track]:
        """The files of one seat."""
        return [track for track in self.tracks if track.seat == seat]


@dataclass(frozen=True)
class Made:
    """A finished film."""

    path: Path
    sha256: str
    size: int
    duration_ms: int


def compose(reel: Reel, out: Path, *, progress: Progress) -> Made:
    """All seats side by side with names and running time; ``progress`` hears 0 to 1 each second of film."""
    if not reel.tracks or reel.duration_ms <= 0:
        raise NotFound("film.no-tracks")
    part = out.with_name(f"{out.stem}.part{out.suffix}")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        _encode(reel, part, progress)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    with out.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(out, sha256, out.stat().st_size, reel.duration_ms)


def angle(reel: Reel, seat: str, out: Path, *, progress: Progress) -> Made:
    """One seat alone, larger, on the same clock and of the same length."""
    if seat not in reel.labels:
        raise Refused("film.unknown-seat", seat=seat)
    single = replace(reel, tracks=reel.of(seat), labels={seat: reel.labels[seat]}, cell=ANGLE)
    return compose(single, out, progress=progress)


def _encode(reel: Reel, path: Path, progress: Progress) -> None:
    layout = side_by_side(len(reel.labels), reel.cell)
    screen = _Screen(reel, layout)
    mixer = _Mixer([Sounds(reel.of(seat)) for seat in reel.labels])
    ticks = -(-reel.duration_ms * FPS // 1000)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video, audio = _streams(container, layout.size)
        for tick in range(ticks):
            if screen.paint(tick):
                container.mux(video.encode(_picture_frame(screen.data, tick)))
            container.mux(audio.encode(_sound_frame(mixer.take(tick * TICK, TICK), tick)))
            if tick % FPS == 0:
                progress(tick / ticks)
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    progress(1.0)


def _streams(container: Any, size: Size) -> tuple[Any, Any]:  # noqa: ANN401 -- av has no types
    options = {**VIDEO, "g": str(FPS), "keyint_min": str(FPS)}
    video = container.add_stream("libx264", rate=FPS, options=options)
    video.width, video.height, video.pix_fmt = size.width, size.height, "yuv420p"
    audio = container.add_stream("aac", rate=RATE, layout="mono")
    audio.bit_rate = 96_000
    return video, audio


def _picture_frame(data: Plane, tick: int) -> Any:  # noqa: ANN401 -- av has no types
    frame = av.VideoFrame.from_ndarray(data, format="yuv420p")
    frame.pts = tick
    if tick % FPS == 0:
        frame.pict_type = PictureType.I
    return frame


def _sound_frame(samples: Samples, tick: int) -> Any:  # noqa: ANN401 -- av has no types
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, tick * TICK
    return frame


class _Screen:
    """The canvas through the whole film."""

    def __init__(self, reel: Reel, layout: Layout) -> None:
        self._layout = layout
        self._canvas = Canvas(layout.size)
        self._pen = Pen(reel.font)
        self._title = reel.title
        self.data = self._canvas.data
        self._seats = [
            (cell, label, Pictures(reel.of(seat), cell.size))
            for (seat, label), cell in zip(reel.labels.items(), layout.cells, strict=True)
        ]
        for cell, label, _ in self._seats:
            mask = self._pen.draw(label, cell.size.width)
            self._canvas.write(cell.x, cell.y + cell.size.height, mask)

    def paint(self, tick: int) -> bool:
        """Paint one tick of the film; False when it shows nothing that the last one did not.

        While nobody is seen, through an adjournment of days perhaps, one picture a second is enough.
        """
        ms, second = tick * 1000 // FPS, tick % FPS == 0
        seen = False
        for cell, label, pictures in self._seats:
            picture = pictures.at(ms)
            seen = seen or picture is not None
            if picture is None:
                self._plate(cell, label)
            else:
                self._canvas.paste(cell, picture.data, picture.size)
        if second:
            words = f"{self._title}  {running_time(ms)}".strip()
            mask = self._pen.draw(words, self._layout.size.width)
            self._canvas.write(0, self._layout.foot, mask)
        return seen or second

    def _plate(self, cell: Cell, label: str) -> None:
        self._canvas.darken(cell)
        middle = cell.y + cell.size.height // 2
        for y, words in ((middle - BAND, label), (middle, NO_PICTURE)):
            self._canvas.write(cell.x, y, self._pen.draw(words, cell.size.width), DIM)


class _Mixer:
    """Adds the voices; when many speak at once it turns all down a little instead of clipping."""

    def __init__(self, voices: list[Sounds]) -> None:
        self._voices = voices
        self._gain = 1.0

    def take(self, start: int, count: int) -> Samples:
        total = np.zeros(count, np.int32)
        for voice in self._voices:
            total += voice.take(start, count)
        peak = int(np.abs(total).max())
        wanted = min(1.0, LOUDEST / peak) if peak else 1.0
        gain = min(wanted, self._gain + RELEASE)
        ramp = np.linspace(self._gain, gain, count)
        self._gain = gain
        return np.clip(total * ramp, -32768, 32767).astype(np.int16)
