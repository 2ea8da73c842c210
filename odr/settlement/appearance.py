"""How a signature and a seal look on paper, as vectors; it does not know certificates or files."""

import io
import math
from itertools import pairwise
from typing import Any, cast

from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import (
    AxisAlignment,
    BoxConstraints,
    Margins,
    SimpleBoxLayoutRule,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from odr.settlement.fonts import HEI, SONG, SONG_BOLD, FontStack
from odr.settlement.layout import line_of
from odr.settlement.paragraph import CENTRE, Look
from odr.settlement.strokes import Point, Strokes

INK, SEAL_RED, NOTE = HexColor("#0f1f6b"), HexColor("#d3161b"), HexColor("#444444")
SIGNATURE_SIZE = (104.0, 40.0)
SEAL_SIZE = 118.0
THINNEST, THICKEST = 0.7, 2.1
NOTE_SIZE = 4.0
ARC_DEGREES = 250.0
PAIR = 2


class _Drawn(PdfContent):
    """One page of a PDF in memory, taken over as it is."""

    def __init__(self, pdf: bytes) -> None:
        """Keep the page; it is imported when drawn."""
        self.pdf = pdf
        super().__init__()

    def render(self) -> bytes:
        """Import the page into the file that is being signed."""
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self.pdf)))
        self.resources.xobject["/Drawn"] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Drawn Do"


def stamp_style(pdf: bytes) -> StaticStampStyle:
    """A one-page drawing as the appearance of a signature field."""
    return StaticStampStyle(
        background=_Drawn(pdf),
        background_layout=SimpleBoxLayoutRule(
            AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, margins=Margins.uniform(0)
        ),
        background_opacity=1.0,
        border_width=0,
    )


def _canvas(out: io.BytesIO, width: float, height: float) -> Canvas:
    return Canvas(
        out, pagesize=(width, height), invariant=1, initialFontName=cast(Any, f"odr-{SONG}")
    )


def draw_signature(fonts: FontStack, strokes: Strokes, notes: tuple[str, ...]) -> bytes:
    """The strokes fitted over one or two lines of small print; a one-page PDF of 104 by 40 points."""
    out = io.BytesIO()
    width, height = SIGNATURE_SIZE
    canvas = _canvas(out, width, height)
    foot = NOTE_SIZE * 1.2 * len(notes) + 3
    _draw_strokes(canvas, strokes, (2, foot, width - 4, height - foot - 1))
    canvas.setFillColor(NOTE)
    for index, text in enumerate(reversed(notes)):
        line_of(canvas, fonts, text, (2, 1.5 + index * NOTE_SIZE * 1.2), Look(HEI, NOTE_SIZE))
    canvas.save()
    return out.getvalue()


def _draw_strokes(
    canvas: Canvas, strokes: Strokes, room: tuple[float, float, float, float]
) -> None:
    left, bottom, width, height = room
    points = [point for stroke in strokes for point in stroke]
    x0, y0 = min(point.x for point in points), min(point.y for point in points)
    wide = max(point.x for point in points) - x0
    high = max(point.y for point in points) - y0
    scale = min(width / max(wide, 1), height / max(high, 1), 1.0)
    canvas.setStrokeColor(INK)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for stroke in strokes:
        placed = [
            Point(left + (p.x - x0) * scale, bottom + height - (p.y - y0) * scale, p.t, p.p)
            for p in stroke
        ]
        _draw_stroke(canvas, placed)


def _draw_stroke(canvas: Canvas, points: list[Point]) -> None:
    if len(points) == 1:
        points = points * PAIR
    for before, after in pairwise(points):
        pressure = min(max((before.p + after.p) / 2, 0), 1)
        canvas.setLineWidth(round(THINNEST + (THICKEST - THINNEST) * pressure, 2))
        canvas.line(before.x, before.y, after.x, after.y)


def draw_seal(fonts: FontStack, organisation: str, kind: str) -> bytes:
    """A round red seal: name along the arc, star, kind beneath; a one-page PDF of 118 by 118 points."""
    out = io.BytesIO()
    canvas = _canvas(out, SEAL_SIZE, SEAL_SIZE)
    centre = SEAL_SIZE / 2
    canvas.setStrokeColor(SEAL_RED)
    canvas.setFillColor(SEAL_RED)
    canvas.setLineWidth(2.4)
    canvas.circle(centre, centre, centre - 2, stroke=1, fill=0)
    _draw_arc(canvas, fonts, organisation)
    _draw_star(canvas, centre, 15.0)
    look = Look(SONG_BOLD, 9.5, align=CENTRE)
    line_of(canvas, fonts, kind, (centre, centre - 36), look)
    canvas.save()
    return out.getvalue()


def _draw_arc(canvas: Any, fonts: FontStack, text: str) -> None:  # noqa: ANN401 -- reportlab
    size = min(14.0, 230 / max(len(text), 1))
    radius, centre = SEAL_SIZE / 2 - 6 - size, SEAL_SIZE / 2
    step = math.radians(min(ARC_DEGREES / max(len(text) - 1, 1), 26))
    angle = math.pi / 2 + step * (len(text) - 1) / 2
    for character in text:
        canvas.saveState()
        canvas.translate(centre + radius * math.cos(angle), centre + radius * math.sin(angle))
        canvas.rotate(math.degrees(angle) - 90)
        line_of(canvas, fonts, character, (0, 0), Look(SONG_BOLD, size, align=CENTRE))
        canvas.restoreState()
        angle -= step


def _draw_star(canvas: Any, centre: float, radius: float) -> None:  # noqa: ANN401 -- reportlab
    path = canvas.beginPath()
    for index in range(10):
        reach = radius if index % 2 == 0 else radius * 0.382
        angle = math.pi / 2 + index * math.pi / 5
        point = (centre + reach * math.cos(angle), centre + 3 + reach * math.sin(angle))
        (path.moveTo if index == 0 else path.lineTo)(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
