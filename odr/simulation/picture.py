"""Moving pictures and tones that a machine can tell apart; it does not know where they are sent.

A picture shows a name and a running clock; a tone has its own pitch and pauses like speech. Everything
that does not move is drawn once, so that a robot costs little beside the encoder.
"""

import asyncio
import fractions
import io
import lzma
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from odr import clock
from odr.settlement.fonts import FOLDER

WIDTH, HEIGHT = 320, 240
FRAMES = 10
RATE = 48_000
SAMPLES = 960
CLOCK = 90_000
SPOKEN_SECONDS = 1.4
SILENT_BELOW = 500
Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """How one robot looks and sounds: name, colour (U and V of YUV), pitch in Hz."""

    name: str
    colour: tuple[int, int]
    pitch: int


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    packed = (FOLDER / "NotoSansSC-Bold.ttf.xz").read_bytes()
    return ImageFont.truetype(io.BytesIO(lzma.decompress(packed)), size)


@cache
def _glyphs() -> dict[str, Plane]:
    return {character: _written(character, 40, (26, 52)) for character in "0123456789:."}


def _written(text: str, size: int, box: tuple[int, int]) -> Plane:
    image = Image.new("L", box, 40)
    font = _font(size)
    left, top, right, bottom = font.getbbox(text)
    place = ((box[0] - right - left) / 2, (box[1] - bottom - top) / 2)
    ImageDraw.Draw(image).text(place, text, 235, font=font)
    return np.asarray(image, dtype=np.uint8)


class Picture:
    """Draws the frames of one robot as YUV planes."""

    def __init__(self, look: Look) -> None:
        """Draw all that stands still."""
        self._ground = np.full((HEIGHT * 3 // 2, WIDTH), 60, dtype=np.uint8)
        self._ground[:HEIGHT] = np.linspace(50, 110, HEIGHT, dtype=np.uint8)[:, None]
        self._ground[40:96, 20:300] = _written(look.name, 34, (280, 56))
        quarter = HEIGHT // 4
        self._ground[HEIGHT : HEIGHT + quarter] = look.colour[0]
        self._ground[HEIGHT + quarter :] = look.colour[1]

    def frame(self, seconds: float) -> VideoFrame:
        """The picture at a moment of the robot's clock, mm:ss.t, with a bar that wanders."""
        plane = self._ground.copy()
        text = f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}.{int(seconds * 10) % 10}"
        glyphs = _glyphs()
        for index, character in enumerate(text):
            plane[120:172, 68 + 26 * index : 94 + 26 * index] = glyphs[character]
        left = int(seconds * 60) % (WIDTH - 40)
        plane[200:216, left : left + 40] = 220
        return VideoFrame.from_ndarray(plane, format="yuv420p")


class PictureTrack(MediaStreamTrack):
    """The camera of a robot."""

    kind = "video"

    def __init__(self, look: Look) -> None:
        """The clock starts with the first frame that is asked for."""
        super().__init__()
        self._picture = Picture(look)
        self._number = 0
        self._begun = 0.0

    async def recv(self) -> VideoFrame:
        """The next frame, when its time has come."""
        if not self._number:
            self._begun = clock.monotonic()
        await _until(self._begun + self._number / FRAMES)
        frame = self._picture.frame(self._number / FRAMES)
        frame.pts = self._number * CLOCK // FRAMES
        frame.time_base = fractions.Fraction(1, CLOCK)
        self._number += 1
        return frame


class ToneTrack(MediaStreamTrack):
    """The microphone of a robot: its pitch for 1.4 s, then a breath of 0.6 s."""

    kind = "audio"

    def __init__(self, look: Look) -> None:
        """Make two seconds of sound; they repeat."""
        super().__init__()
        moments = np.arange(2 * RATE) / RATE
        spoken = np.where(moments < SPOKEN_SECONDS, 0.2, 0.002)
        wave = np.sin(2 * np.pi * look.pitch * moments) * spoken
        self._sound = (wave * 32767).astype(np.int16)
        self._number = 0
        self._begun = 0.0

    async def recv(self) -> AudioFrame:
        """The next 20 ms, when their time has come."""
        if not self._number:
            self._begun = clock.monotonic()
        await _until(self._begun + self._number * SAMPLES / RATE)
        start = self._number * SAMPLES % len(self._sound)
        piece = self._sound[start : start + SAMPLES].reshape(1, SAMPLES)
        frame = AudioFrame.from_ndarray(piece, format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._number * SAMPLES
        frame.time_base = fractions.Fraction(1, RATE)
        self._number += 1
        return frame


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - clock.monotonic()))


def pitch_of(samples: NDArray[Any]) -> int:
    """The strongest pitch in Hz of some 48 kHz sound, 0 when it is silent."""
    sound = samples.astype(np.float64)
    if not sound.size or np.abs(sound).max() < SILENT_BELOW:
        return 0
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return round(float(np.argmax(spectrum)) * RATE / sound.size)
