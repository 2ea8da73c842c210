"""The settlement agreement as a paper; it does not know databases, signatures or what time it is.

Contents: the strictest union of 人民调解法 art. 29, 特邀调解规定 art. 24 and 在线调解规则 art. 19: parties, main
facts, issues, each party's responsibility, what is agreed, manner and time of performance.
"""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import PIL
import reportlab
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from odr import chain
from odr.settlement.finish import Paper, finish
from odr.settlement.fonts import HEI, HEI_BOLD, SONG, SONG_BOLD, open_fonts
from odr.settlement.layout import BODY, Box, Cell, Margins, Sheet, line_of, table, typeset
from odr.settlement.paragraph import CENTRE, JUSTIFY, LEFT, RIGHT, Look, ZhPara
from odr.settlement.phrases import chinese_date, code_digest, numeral, phrase, phrases
from odr.settlement.provisions import paragraphs, performance, provisions
from odr.settlement.structure import artifact
from odr.settlement.terms import Terms, terms_from_json, to_json, yuan

TITLE = Look(HEI_BOLD, 22, 34, 0, CENTRE, after=4, with_next=True)
NUMBER = Look(SONG, 11, 18, 0, RIGHT, after=6)
HEADING = Look(HEI_BOLD, 12.5, 21, 0, LEFT, before=5, with_next=True)
BODY_TEXT = Look(SONG, 12, 20, 2, JUSTIFY)
PLAIN = Look(SONG, 12, 20, 0, JUSTIFY)
MEDIATOR, SEAL, PLATFORM = "mediator", "seal", "platform"
# what the bytes of a paper depend on beside its data: whoever has the same can make them again
RENDERER = "/".join(
    (
        code_digest()[:12],
        f"reportlab-{reportlab.__version__}",
        f"pikepdf-{pikepdf.__version__}",
        f"pillow-{PIL.__version__}",
        f"zlib-{zlib.ZLIB_RUNTIME_VERSION}",
    )
)


@dataclass(frozen=True)
class PartyData:
    """One party as the paper names her; ``side`` applicant, respondent or third."""

    side: str
    name: str
    gender: str = ""
    birth: date | None = None
    id_number: str = ""
    phone: str = ""
    address: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Source:
    """Who said what the paper rests on, and where in the film, in milliseconds of the recording.

    ``text`` is a fact as printed or ``terms``; ``said``: agreed, accepted.
    """

    text: str
    by: str
    said: str
    t_ms: int


@dataclass(frozen=True)
class AgreementData:
    """Everything the paper says, and in ``sources``, which are not printed, on whose word it does. ``recording_head`` is the manifest's head hash at that moment."""

    case_no: str
    organisation: str
    court: str
    parties: tuple[PartyData, ...]
    cause: str
    facts: tuple[str, ...]
    terms: Terms
    mediator: str
    day: date
    verify_url: str
    issues: str = ""
    responsibility: str = ""
    place: str = "在线调解室（视频）"
    recording: str = ""
    recording_head: str = ""
    rules: str = ""
    payer_side: str = "respondent"
    sources: tuple[Source, ...] = ()


def party_field(index: int) -> str:
    """The signature field of the party at ``index`` (from 0)."""
    return f"party-{index + 1}"


def fields_of(data: AgreementData) -> list[tuple[str, str]]:
    """``(field, name)`` of everyone who must sign, in order: parties, mediator, seal."""
    parties = [(party_field(index), party.name) for index, party in enumerate(data.parties)]
    return [*parties, (MEDIATOR, data.mediator), (SEAL, data.organisation)]


def data_to_json(data: AgreementData) -> dict[str, Any]:
    """The paper's data as JSON values; ``data_from_json`` reads them back."""
    body = {name: value for name, value in vars(data).items() if name not in ("terms", "parties")}
    return body | {
        "day": data.day.isoformat(),
        "facts": list(data.facts),
        "sources": [asdict(source) for source in data.sources],
        "terms": to_json(data.terms),
        "parties": [
            asdict(party) | {"birth": party.birth.isoformat() if party.birth else None}
            for party in data.parties
        ],
        "renderer": RENDERER,
    }


def data_from_json(body: Mapping[str, Any]) -> AgreementData:
    """Read what ``data_to_json`` wrote."""
    parties = tuple(
        PartyData(
            **{**row, "birth": date.fromisoformat(row["birth"]) if row.get("birth") else None}
        )
        for row in body["parties"]
    )
    rest = {
        name: value
        for name, value in body.items()
        if name not in ("terms", "parties", "facts", "day", "renderer", "sources")
    }
    return AgreementData(
        parties=parties,
        facts=tuple(body["facts"]),
        sources=tuple(Source(**row) for row in body.get("sources", [])),
        terms=terms_from_json(body["terms"]),
        day=date.fromisoformat(body["day"]),
        **rest,
    )


def data_hash(data: AgreementData) -> str:
    """SHA-256 of the canonical data, 64 hex digits: printed in the foot of every page."""
    return chain.digest(chain.canonical(data_to_json(data)))


def render(data: AgreementData, cache: Path) -> bytes:
    """The unsigned PDF/A paper with empty signature fields; the same data gives the same bytes.

    ``cache`` is a folder for the unpacked typefaces. Refused when a character cannot be printed.
    """
    fonts = open_fonts(cache)
    digest = data_hash(data)
    margins = Margins(data.organisation, data.case_no, digest, data.verify_url)
    pdf, sheet = typeset(fonts, margins, lambda sheet: _story(sheet, data))
    paper = Paper(
        title=f"{phrase('agreement', 'title')} {data.case_no}",
        author=data.organisation,
        day=data.day,
        attachment=("agreement.json", chain.canonical(data_to_json(data))),
        boxes=tuple(sheet.boxes),
        structure=sheet.ink.structure,
    )
    return finish(pdf, paper)


def _story(sheet: Sheet, data: AgreementData) -> list[Flowable]:
    story: list[Flowable] = [
        _text(sheet, phrase("agreement", "title"), TITLE, "H1"),
        _text(sheet, data.case_no, NUMBER),
    ]
    story += [_party(sheet, party) for party in data.parties]
    kind = phrase(
        "agreement",
        "type",
        cause=data.cause,
        organisation=data.organisation,
        recording=data.recording or "—",
    )
    story.append(_text(sheet, kind, PLAIN))
    story += _facts(sheet, data)
    story += _agreed(sheet, data)
    *closing, last = _closing(sheet, data)
    # nobody should sign a sheet without text, so the last paragraph goes with the signatures
    return [*story, *closing, KeepTogether([last, Spacer(0, 18), SignatureBlock(sheet, data)])]


def _text(sheet: Sheet, text: str, look: Look = BODY_TEXT, role: str = "P") -> ZhPara:
    return ZhPara(sheet.ink, text, look, sheet.ink.structure.add(role))


def _heading(sheet: Sheet, name: str) -> ZhPara:
    return _text(sheet, phrase("agreement", name), HEADING, "H2")


def _party(sheet: Sheet, party: PartyData) -> ZhPara:
    parts = [party.name, party.gender]
    if party.birth:
        parts.append(phrase("party", "born", date=chinese_date(party.birth)))
    parts += [
        phrase("party", name, text=text)
        for name in ("id_number", "address", "phone", "agent")
        if (text := getattr(party, name))
    ]
    sentence = "，".join(part for part in parts if part) + "。"
    spans = [(SONG_BOLD, phrase("party", party.side) + "："), (SONG, sentence)]
    return ZhPara(sheet.ink, spans, PLAIN, sheet.ink.structure.add("P"))


def _facts(sheet: Sheet, data: AgreementData) -> list[Flowable]:
    facts = [text for fact in data.facts for text in paragraphs(fact)]
    numbered = facts if len(facts) == 1 else [f"{n}. {text}" for n, text in enumerate(facts, 1)]
    issues = data.issues or phrase("agreement", "no_issues")
    said = data.terms.promises.responsibility or data.responsibility
    responsibility = said or phrase("agreement", "no_responsibility")
    return [
        _heading(sheet, "head_facts"),
        *(_text(sheet, text) for text in numbered),
        _heading(sheet, "head_issues"),
        *(_text(sheet, text) for text in paragraphs(issues)),
        _heading(sheet, "head_responsibility"),
        *(_text(sheet, text) for text in paragraphs(responsibility)),
    ]


def clauses(data: AgreementData) -> list[str]:
    """What is agreed, clause by clause as printed; the table follows the second when there is a plan."""
    found = provisions(data.terms, _names(data))
    return [f"（{numeral(number)}）{text}" for number, text in enumerate(found, 1)]


def _names(data: AgreementData) -> dict[str, str]:
    payer = [party for party in data.parties if party.side == data.payer_side]
    payee = [party for party in data.parties if party.side not in (data.payer_side, "third")]
    named = {
        side: _named([party for party in data.parties if party.side == side])
        for side in ("applicant", "respondent")
    }
    return {"payer": _named(payer), "payee": _named(payee), **named}


def _named(parties: list[PartyData]) -> str:
    if not parties:
        return ""
    return phrase("party", parties[0].side) + "、".join(party.name for party in parties)


def _agreed(sheet: Sheet, data: AgreementData) -> list[Flowable]:
    lines = clauses(data)
    story: list[Flowable] = [_heading(sheet, "head_terms")]
    if len(data.terms.instalments) > 1:
        story += [_text(sheet, lines[0]), CondPageBreak(90)]
        story += [_text(sheet, lines[1], replace(BODY_TEXT, after=4))]
        story += [instalment_table(sheet, data.terms), Spacer(0, 6)]
        lines = lines[2:]
    return story + [_text(sheet, line) for line in lines]


def instalment_table(sheet: Sheet, terms: Terms) -> Flowable:
    """The plan of payments; its head is repeated on every page."""
    rows = [[Cell(text) for text in phrases("agreement", "columns")]]
    paid, count = 0, len(terms.instalments)
    for line in terms.instalments:
        paid += line.amount_fen
        note = {1: "first", count: "last"}.get(line.number)
        rows.append(
            [
                Cell(phrase("agreement", "number", number=line.number)),
                Cell(chinese_date(line.due)),
                Cell(yuan(line.amount_fen), RIGHT),
                Cell(yuan(paid), RIGHT),
                Cell(phrase("agreement", note) if note else "", LEFT),
            ]
        )
    total = [phrase("agreement", "sum"), phrase("agreement", "count", count=count)]
    rows.append([*(Cell(text) for text in total), Cell(yuan(paid), RIGHT), Cell(""), Cell("")])
    return table(sheet, rows, [BODY * part for part in (0.11, 0.3, 0.2, 0.2, 0.19)])


def _closing(sheet: Sheet, data: AgreementData) -> list[Flowable]:
    names = {"organisation": data.organisation}
    return [
        _heading(sheet, "head_performance"),
        _text(sheet, performance(data.terms, data.place)),
        _heading(sheet, "head_other"),
        _text(sheet, phrase("agreement", "voluntary")),
        _text(sheet, phrase("agreement", "effect", **names)),
        _text(sheet, phrase("agreement", "copies", **names)),
        *(_text(sheet, text) for text in paragraphs(data.rules)),
    ]


class SignatureBlock(Flowable):
    """The places to sign, two in a row, and the seal's; it tells the sheet where they came to lie."""

    ROW, LINE, INK = 54.0, 104.0, 40.0
    SEAL_SIZE = 118.0

    def __init__(self, sheet: Sheet, data: AgreementData) -> None:
        """Remember whom to ask; every place gets its own tagged label."""
        super().__init__()
        self.sheet, self.data = sheet, data
        self.places = [
            (field, phrase("sign", "line", side=phrase("party", party.side)), party.name)
            for (field, _), party in zip(fields_of(data), data.parties, strict=False)
        ]
        self.places.append((MEDIATOR, phrase("sign", "mediator"), data.mediator))
        self.elements = [sheet.ink.structure.add("P") for _ in self.places]
        self.tail = sheet.ink.structure.add("P")

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """The block is never cut."""
        self.width = width
        rows = (len(self.places) + 1) // 2
        self.height = rows * self.ROW + (0 if len(self.places) % 2 else 70) + 66
        return width, self.height

    def draw(self) -> None:
        """Write labels and lines and note the boxes."""
        column = self.width / 2
        for index, place in enumerate(self.places):
            x, y = index % 2 * column, self.height - (index // 2 + 1) * self.ROW + 8
            self._place(index, place, (x, y))
        self._seal(column)

    def _place(self, index: int, place: tuple[str, str, str], corner: tuple[float, float]) -> None:
        field, label, name = place
        x, y = corner
        fonts, structure = self.sheet.ink.fonts, self.sheet.ink.structure
        with structure.marked(self.canv, self.elements[index]):
            line_of(self.canv, fonts, label, (x, y + 4), Look(SONG, 12))
            begin = x + fonts.width(SONG, label, 12)
            line_of(self.canv, fonts, name, (begin, y - 8), Look(HEI, 6.5))
        with artifact(self.canv):
            self.canv.setLineWidth(0.7)
            self.canv.line(begin, y, begin + self.LINE, y)
        self._note(field, label + name, (begin, y - 1, self.LINE, self.INK))

    def _seal(self, column: float) -> None:
        structure, fonts, centre = self.sheet.ink.structure, self.sheet.ink.fonts, column * 1.5
        look = Look(SONG, 12, align=CENTRE)
        with structure.marked(self.canv, self.tail):
            line_of(self.canv, fonts, self.data.organisation, (centre, 58), look)
            line_of(self.canv, fonts, chinese_date(self.data.day), (centre, 38), look)
        half = self.SEAL_SIZE / 2
        label = self.data.organisation + phrase("sign", "seal_kind")
        self._note(SEAL, label, (centre - half, 50 - half, self.SEAL_SIZE, self.SEAL_SIZE))

    def _note(self, field: str, label: str, box: tuple[float, float, float, float]) -> None:
        x, y = self.canv.absolutePosition(box[0], box[1])
        corners = tuple(round(value, 2) for value in (x, y, x + box[2], y + box[3]))
        page = self.canv.getPageNumber() - 1
        self.sheet.boxes.append(Box(field, label, page, corners))  # type: ignore[arg-type]
