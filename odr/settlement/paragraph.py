"""A justified Chinese paragraph for reportlab; it does not know what document it stands in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.platypus import Flowable

from odr.settlement.fonts import SONG, FontStack
from odr.settlement.linebreak import LATIN, SPACE, Line, break_lines, clusters
from odr.settlement.structure import Element, Structure

JUSTIFY, LEFT, CENTRE, RIGHT = "justify", "left", "centre", "right"
WIDEST_STRETCH = 0.25  # wider gaps between signs look like a mistake
FEWEST_LINES = 2
NEAR = 0.01


@dataclass(frozen=True)
class Look:
    """How a paragraph is set; sizes in points, indent in em."""

    style: str = SONG
    size: float = 12
    leading: float = 22
    indent: float = 2
    align: str = JUSTIFY
    before: float = 0
    after: float = 0
    with_next: bool = False


@dataclass(frozen=True)
class Ink:
    """What every paragraph of one document needs: the faces and the tree it is tagged in."""

    fonts: FontStack
    structure: Structure


class ZhPara(Flowable):
    """Text or ``(style, text)`` spans, broken and justified by our own rules."""

    def __init__(
        self, ink: Ink, text: str | Sequence[tuple[str, str]], look: Look, element: Element
    ) -> None:
        """Measure the text at once; Refused for a character that no face has."""
        super().__init__()
        self.ink, self.look, self.element = ink, look, element
        spans = [(look.style, text)] if isinstance(text, str) else text
        self.clusters = clusters(ink.fonts, spans, look.size)
        self.lines: list[Line] = []
        self.broken_for = -1.0
        self.keepWithNext = look.with_next

    def getSpaceBefore(self) -> float:  # noqa: N802 -- reportlab's name
        """Points above."""
        return self.look.before

    def getSpaceAfter(self) -> float:  # noqa: N802 -- reportlab's name
        """Points below."""
        return self.look.after

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Break for ``width`` points; the height follows."""
        if self.broken_for != width:
            size = self.look.size
            self.lines = break_lines(self.clusters, size, width, self.look.indent * size)
            self.broken_for = width
        self.width, self.height = width, len(self.lines) * self.look.leading
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Cut so that neither page keeps a single line."""
        self.wrap(width, height)
        total = len(self.lines)
        first = min(int(height / self.look.leading + 1e-6), total)
        if first < total and total - first < FEWEST_LINES:
            first = total - FEWEST_LINES
        if first < FEWEST_LINES:
            return []
        return [self._part(self.lines[:first]), self._part(self.lines[first:])]

    def _part(self, lines: list[Line]) -> "ZhPara":
        part = ZhPara(self.ink, "", self.look, self.element)
        part.lines, part.broken_for = lines, self.broken_for
        return part

    def draw(self) -> None:
        """Write the lines and mark them as this paragraph's element."""
        with self.ink.structure.marked(self.canv, self.element):
            for index, line in enumerate(self.lines):
                top = self.height - index * self.look.leading
                self._draw_line(line, top - self.look.leading / 2 - self.look.size * 0.38)

    def _draw_line(self, line: Line, y: float) -> None:
        room = self.width - line.indent - line.width
        start, stretch = line.indent, 0.0
        if self.look.align == CENTRE:
            start += room / 2
        elif self.look.align == RIGHT:
            start += room
        elif self.look.align == JUSTIFY and not line.last and len(line.placed) > 1:
            stretch = room / (len(line.placed) - 1)
            if stretch > WIDEST_STRETCH * self.look.size:
                stretch = 0.0
        write(self.canv, line, (start, y, stretch), self.look.size)


def write(canvas: Any, line: Line, place: tuple[float, float, float], size: float) -> None:  # noqa: ANN401
    """Draw one line at ``(x, y, stretch)`` with as few text operators as its spacing allows."""
    x0, y, stretch = place
    text = canvas.beginText()
    for x, face, word, spaced in _segments(line, stretch):
        text.setFont(face, size)
        text.setTextOrigin(x0 + x, y)
        text.setCharSpace(stretch if spaced else 0)
        text.textOut(word)
    text.setCharSpace(0)
    canvas.drawText(text)


def _segments(line: Line, stretch: float) -> list[tuple[float, str, str, bool]]:
    found: list[tuple[float, str, str, bool]] = []
    expected = 0.0
    for index, item in enumerate(line.placed):
        cluster, x = item.cluster, item.x + index * stretch
        spaced = cluster.kind not in (LATIN, SPACE)
        joins = found and found[-1][1] == cluster.face and found[-1][3] and spaced
        if joins and abs(x - expected) < NEAR:
            begin, face, word, _ = found[-1]
            found[-1] = (begin, face, word + cluster.text, True)
        else:
            found.append((x, cluster.face, cluster.text, spaced))
        expected = x + cluster.width + stretch
    return found
