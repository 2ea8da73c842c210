"""Where each seat stands in a film and how names and time are drawn; it does not know files or codecs.

A canvas is one yuv420p picture as an array of ``height * 3 / 2`` rows; text is drawn on the luma alone.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Plane = npt.NDArray[np.uint8]
BAND = 32  # rows for a name under each picture, and for the running time below all
BLACK, WHITE, DIM, NEUTRAL = 16, 235, 36, 128
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2}
TEXT_SIZE = 20


@dataclass(frozen=True)
class Size:
    """Pixels, both even."""

    width: int
    height: int


@dataclass(frozen=True)
class Cell:
    """The place of one picture; its name stands in the band below."""

    x: int
    y: int
    size: Size


@dataclass(frozen=True)
class Layout:
    """A whole canvas: its size, one cell a seat, and the top row of the band with the running time."""

    size: Size
    cells: tuple[Cell, ...]
    foot: int


def side_by_side(count: int, cell: Size) -> Layout:
    """Up to three seats in one row, four in two rows of two, five and six in two rows of three."""
    columns = COLUMNS.get(count, 3)
    rows = -(-count // columns)
    cells = tuple(
        Cell((number % columns) * cell.width, (number // columns) * (cell.height + BAND), size=cell)
        for number in range(count)
    )
    foot = rows * (cell.height + BAND)
    return Layout(Size(columns * cell.width, foot + BAND), cells, foot)


def fitted(size: Size, into: Size) -> Size:
    """The largest even size of the same shape that fits."""
    scale = min(into.width / size.width, into.height / size.height)
    width, height = int(size.width * scale) // 2 * 2, int(size.height * scale) // 2 * 2
    return Size(max(2, min(width, into.width)), max(2, min(height, into.height)))


def running_time(ms: int) -> str:
    """A moment of the film as people read it: 01:02:03."""
    seconds = ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


class Canvas:
    """One picture to be painted over and over."""

    def __init__(self, size: Size) -> None:
        """All black; the height must be a multiple of four so that the planes are rectangles."""
        height, width = size.height, size.width
        self.size = size
        self.data: Plane = np.full((height * 3 // 2, width), NEUTRAL, np.uint8)
        self._y = self.data[:height]
        self._u = self.data[height : height * 5 // 4].reshape(height // 2, width // 2)
        self._v = self.data[height * 5 // 4 :].reshape(height // 2, width // 2)
        self._y[:] = BLACK

    def paste(self, cell: Cell, picture: Plane, size: Size) -> None:
        """Put a yuv420p picture in the middle of its cell, bars around it dark."""
        x = cell.x + (cell.size.width - size.width) // 4 * 2
        y = cell.y + (cell.size.height - size.height) // 4 * 2
        if size != cell.size:
            self.darken(cell)
        height = size.height
        chroma = picture[height:].reshape(2, height // 2, size.width // 2)
        self._y[y : y + height, x : x + size.width] = picture[:height]
        rows, columns = slice(y // 2, (y + height) // 2), slice(x // 2, (x + size.width) // 2)
        self._u[rows, columns], self._v[rows, columns] = chroma[0], chroma[1]

    def darken(self, cell: Cell) -> None:
        """An empty place."""
        rows, columns = _span(cell.y, cell.size.height), _span(cell.x, cell.size.width)
        self._y[rows, columns] = DIM
        half = (_span(cell.y // 2, cell.size.height // 2), _span(cell.x // 2, cell.size.width // 2))
        self._u[half] = self._v[half] = NEUTRAL

    def write(self, x: int, y: int, mask: Plane, paper: int = BLACK) -> None:
        """Text in white on ``paper``; what would stick out on the right is cut."""
        mask = mask[: self.size.height - y, : self.size.width - x]
        tones = paper + mask.astype(np.uint16) * (WHITE - paper) // 255
        self._y[y : y + mask.shape[0], x : x + mask.shape[1]] = tones.astype(np.uint8)


def _span(start: int, length: int) -> slice:
    return slice(start, start + length)


class Pen:
    """Draws text with one typeface, each text once."""

    def __init__(self, font: Path) -> None:
        """Open a TrueType file."""
        self._font = ImageFont.truetype(str(font), TEXT_SIZE)
        self.draw = lru_cache(maxsize=256)(self._draw)

    def _draw(self, text: str, width: int) -> Plane:
        """A band of ``width`` columns with the text in the middle, 0 to 255; too long a text is cut."""
        image = Image.new("L", (width, BAND), 0)
        while len(text) > 1 and self._font.getlength(text) > width:
            text = text[:-1]
        left = max(0, (width - self._font.getlength(text)) / 2)
        ImageDraw.Draw(image).text((left, BAND / 2), text, fill=255, font=self._font, anchor="lm")
        return np.asarray(image, np.uint8)
