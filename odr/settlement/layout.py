"""Sheets of A4 with our head, foot and tagged flowables; it does not know what is agreed on them."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import qrcode
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Table

from odr.settlement.fonts import HEI, SONG, FontStack
from odr.settlement.linebreak import break_lines, clusters
from odr.settlement.paragraph import CENTRE, Ink, Look, ZhPara, write
from odr.settlement.phrases import phrase
from odr.settlement.structure import Element, Structure, artifact

WIDTH, HEIGHT = A4
SIDE, TOP, BOTTOM = 80.0, 64.0, 76.0
BODY = WIDTH - 2 * SIDE
GREY = HexColor("#555555")
SHADE = HexColor("#f0f0f0")
QR_SIZE = 44.0
SMALL, TINY = 8.0, 6.5


@dataclass(frozen=True)
class Margins:
    """What stands in the head and foot of every page."""

    organisation: str
    number: str
    digest: str
    verify_url: str


@dataclass(frozen=True)
class Box:
    """A place to sign: page from 0, rectangle in points from the page's lower left corner."""

    field: str
    label: str
    page: int
    rectangle: tuple[float, float, float, float]


@dataclass
class Sheet:
    """One run of typesetting: its ink, its boxes and its number of pages."""

    ink: Ink
    margins: Margins
    boxes: list[Box] = field(default_factory=list)
    pages: int = 0


Pen = Any  # reportlab's canvas is untyped
Story = Callable[[Sheet], list[Flowable]]


def typeset(fonts: FontStack, margins: Margins, story: Story) -> tuple[bytes, Sheet]:
    """Build twice (the second run knows the number of pages); the same input gives the same bytes."""
    first = Sheet(Ink(fonts, Structure()), margins)
    _build(first, story)
    second = Sheet(Ink(fonts, Structure()), margins, pages=first.pages)
    return _build(second, story), second


def _build(sheet: Sheet, story: Story) -> bytes:
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=A4, invariant=1, pageCompression=1, initialFontName=f"odr-{SONG}"
    )
    frame = Frame(SIDE, BOTTOM, BODY, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)
    total = sheet.pages

    def furnish(canvas: Any, _document: object) -> None:  # noqa: ANN401 -- reportlab's canvas
        sheet.pages = canvas.getPageNumber()
        with artifact(canvas):
            _head(canvas, sheet)
            _foot(canvas, sheet, total)

    document.addPageTemplates([PageTemplate("sheet", [frame], onPage=furnish)])
    document.build(story(sheet))
    return out.getvalue()


def line_of(
    canvas: Pen, fonts: FontStack, text: str, place: tuple[float, float], look: Look
) -> None:
    """Draw one unbroken line; a look aligned right ends at ``place``."""
    line = break_lines(clusters(fonts, [(look.style, text)], look.size), look.size, 10_000, 0)[0]
    x, y = place
    shift = {"right": line.width, CENTRE: line.width / 2}.get(look.align, 0)
    write(canvas, line, (x - shift, y, 0), look.size)


def _head(canvas: Any, sheet: Sheet) -> None:  # noqa: ANN401
    fonts, margins = sheet.ink.fonts, sheet.margins
    canvas.setFillColor(GREY)
    y = HEIGHT - 46
    line_of(canvas, fonts, margins.organisation, (SIDE, y), Look(HEI, SMALL))
    number = phrase("page", "number", text=margins.number)
    line_of(canvas, fonts, number, (WIDTH - SIDE, y), Look(HEI, SMALL, align="right"))
    canvas.setStrokeColor(HexColor("#888888"))
    canvas.setLineWidth(0.5)
    canvas.line(SIDE, y - 6, WIDTH - SIDE, y - 6)


def _foot(canvas: Any, sheet: Sheet, total: int) -> None:  # noqa: ANN401
    fonts, digest = sheet.ink.fonts, sheet.margins.digest
    canvas.setFillColor(GREY)
    page = phrase("page", "of", page=canvas.getPageNumber(), pages=total)
    line_of(canvas, fonts, page, (WIDTH / 2, 36), Look(HEI, SMALL, align=CENTRE))
    tiny = Look(HEI, TINY)
    line_of(canvas, fonts, phrase("page", "digest"), (SIDE, 44), tiny)
    line_of(canvas, fonts, digest[:32], (SIDE, 35), tiny)
    line_of(canvas, fonts, digest[32:], (SIDE, 26), tiny)
    canvas.setFillColor(Color(0, 0, 0))
    draw_qr(canvas, sheet.margins.verify_url, (WIDTH - SIDE - QR_SIZE, 20), QR_SIZE)


def draw_qr(canvas: Any, text: str, place: tuple[float, float], size: float) -> None:  # noqa: ANN401
    """A QR code as filled bars: no picture, no foreign font."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    module = size / len(matrix)
    path = canvas.beginPath()
    for row, cells in enumerate(matrix):
        for begin, end in _bars(cells):
            y = place[1] + size - (row + 1) * module
            path.rect(place[0] + begin * module, y, (end - begin) * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _bars(cells: Sequence[bool]) -> list[tuple[int, int]]:
    found, start = [], -1
    for index, dark in enumerate([*cells, False]):
        if dark and start < 0:
            start = index
        if not dark and start >= 0:
            found.append((start, index))
            start = -1
    return found


class TaggedTable(Table):
    """A table whose rules and shades are decoration; its cells tag themselves."""

    def _drawBkgrnd(self) -> None:  # noqa: N802 -- reportlab's name
        with artifact(self.canv):
            super()._drawBkgrnd()  # type: ignore[misc]  # a private hook the stubs do not know

    def _drawLines(self) -> None:  # noqa: N802 -- reportlab's name
        with artifact(self.canv):
            super()._drawLines()  # type: ignore[misc]


@dataclass(frozen=True)
class Cell:
    """One cell: text and alignment."""

    text: str
    align: str = CENTRE


def table(sheet: Sheet, rows: Sequence[Sequence[Cell]], widths: Sequence[float]) -> TaggedTable:
    """A table with a repeated first row; widths in points."""
    node = sheet.ink.structure.add("Table")
    data = [_row(sheet, row, node, head=index == 0) for index, row in enumerate(rows)]
    style: list[Any] = [
        ("FONT", (0, 0), (-1, -1), f"odr-{SONG}", 10),
        ("GRID", (0, 0), (-1, -1), 0.7, Color(0, 0, 0)),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    return TaggedTable(data, list(widths), repeatRows=1, style=style)


def _row(sheet: Sheet, row: Sequence[Cell], node: Element, *, head: bool) -> list[ZhPara]:
    structure = sheet.ink.structure
    line = structure.add("TR", node)
    look = Look(HEI if head else SONG, 10, 16, 0)
    return [
        ZhPara(
            sheet.ink,
            cell.text,
            Look(look.style, look.size, look.leading, 0, CENTRE if head else cell.align),
            structure.add("TH" if head else "TD", line),
        )
        for cell in row
    ]
