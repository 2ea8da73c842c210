"""The plain papers of a case: receipts, notices, tables, applications; it does not know rows or signatures.

One versioned schema for all: fields, parts with lines (each with who said it and where in the film) and
tables. The same data gives the same bytes and travels in the PDF as ``form.json``. English ones are for
information and say so.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reportlab.platypus import CondPageBreak, Flowable, Spacer

from odr import chain
from odr.errors import Tampered
from odr.settlement.document import BODY_TEXT, HEADING, NUMBER, PLAIN, TITLE
from odr.settlement.finish import Paper, finish
from odr.settlement.fonts import HEI, open_fonts
from odr.settlement.layout import BODY, Cell, Margins, Sheet, table, typeset
from odr.settlement.paragraph import LEFT, Look, ZhPara
from odr.settlement.phrases import numeral

VERSION = 1
KINDS = (
    *("application-receipt", "rights-notice", "address-confirmation", "undisputed-facts"),
    *("judicial-confirmation", "no-agreement", "service-receipt", "catalogue"),
    "agreement",  # only as a companion in another language: the agreement itself is no plain paper
)
SAID = Look(HEI, 9, 14, 2, LEFT)
NOTE = Look(HEI, 9, 14, 0, LEFT, after=6)
ROOM_TO_SIGN = 110.0


@dataclass(frozen=True)
class Line:
    """One sentence; ``said`` is who said or confirmed it and where in the film, empty when nobody did."""

    text: str
    said: str = ""


@dataclass(frozen=True)
class Part:
    """A heading with lines and, if there are ``rows``, a table whose first row is its head.

    ``widths`` are shares of the line, one a column.
    """

    head: str
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Form:
    """One paper. ``key`` tells papers of a kind apart, ``reader`` is the seat it is for; empty: all."""

    kind: str
    title: str
    case_no: str
    organisation: str
    day: date
    verify_url: str
    fields: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    signers: tuple[str, ...] = ()
    note: str = ""
    key: str = ""
    reader: str = ""
    language: str = "zh"
    version: int = VERSION

    @property
    def name(self) -> str:
        """Its file name without ending."""
        key = f"-{self.key}" if self.key else ""
        return f"{self.kind}{key}{'' if self.language == 'zh' else f'-{self.language}'}"


def to_json(form: Form) -> dict[str, Any]:
    """As JSON values; ``from_json`` reads them back."""
    body: dict[str, Any] = json.loads(json.dumps(asdict(form) | {"day": form.day.isoformat()}))
    return body


def from_json(body: Mapping[str, Any]) -> Form:
    """Read what ``to_json`` wrote; Tampered when it is of another version or none of ours."""
    if body.get("version") != VERSION or body.get("kind") not in KINDS:
        raise Tampered("settlement.form-unknown")
    parts = tuple(
        Part(
            part["head"],
            tuple(Line(**line) for line in part["lines"]),
            tuple(tuple(row) for row in part["rows"]),
            tuple(part["widths"]),
        )
        for part in body["parts"]
    )
    fields = tuple((name, text) for name, text in body["fields"])
    day, signers = date.fromisoformat(body["day"]), tuple(body["signers"])
    return Form(
        **{**body, "day": day, "fields": fields, "parts": parts, "signers": signers},
    )


def render_form(form: Form, cache: Path) -> bytes:
    """The paper as tagged PDF/A with its data in it; Refused names a character no font has."""
    content = chain.canonical(to_json(form))
    margins = Margins(form.organisation, form.case_no, chain.digest(content), form.verify_url)
    pdf, sheet = typeset(open_fonts(cache), margins, lambda sheet: _story(sheet, form))
    title = f"{form.title} {form.case_no}"
    structure = sheet.ink.structure
    paper = Paper(title, form.organisation, form.day, structure, ("form.json", content))
    return finish(pdf, paper)


def _story(sheet: Sheet, form: Form) -> list[Flowable]:
    def text(words: str, look: Look = BODY_TEXT, role: str = "P") -> ZhPara:
        return ZhPara(sheet.ink, words, look, sheet.ink.structure.add(role))

    story: list[Flowable] = [text(form.title, TITLE, "H1"), text(form.case_no, NUMBER)]
    if form.note:
        story.append(text(form.note, NOTE))
    colon = "：" if form.language == "zh" else ": "
    story += [text(f"{name}{colon}{words}", PLAIN) for name, words in form.fields if words]
    for number, part in enumerate(form.parts, 1):
        mark = f"{numeral(number)}、" if form.language == "zh" else f"{number}. "
        story.append(text(f"{mark}{part.head}", HEADING, "H2"))
        for line in part.lines:
            story.append(text(line.text))
            if line.said:
                story.append(text(line.said, SAID))
        if part.rows:
            story += [Spacer(1, 3), _table(sheet, part), Spacer(1, 6)]
    if form.signers:
        story += [CondPageBreak(ROOM_TO_SIGN), Spacer(1, 14)]
        story += [text(f"{name}{colon}", PLAIN) for name in form.signers]
    return story


def _table(sheet: Sheet, part: Part) -> Flowable:
    whole = sum(part.widths)
    widths = [BODY * share / whole for share in part.widths]
    rows = [[Cell(text, LEFT) for text in row] for row in part.rows]
    return table(sheet, rows, widths)
