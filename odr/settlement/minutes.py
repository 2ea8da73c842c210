"""The minutes of a sitting (调解笔录) as a paper; it does not know how the sitting was run.

Contents by custom (人民调解法 art. 27 asks only that the mediator records): time, place, matter, persons; rights told;
identity; facts; what was said; result and risk; agreement, or why none and which ways remain.
"""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from reportlab.platypus import Flowable

from odr import chain
from odr.settlement.document import BODY_TEXT, HEADING, NUMBER, PLAIN, TITLE
from odr.settlement.finish import Paper, finish
from odr.settlement.fonts import open_fonts
from odr.settlement.layout import Margins, Sheet, typeset
from odr.settlement.paragraph import Look, ZhPara
from odr.settlement.phrases import numeral, phrase


@dataclass(frozen=True)
class Section:
    """One heading of ``[minutes]`` (rights, identity, facts, account, risk) and its lines."""

    head: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class MinutesData:
    """What the minutes say; ``agreement_no`` is empty when none was reached, then ``reason`` says why."""

    case_no: str
    organisation: str
    day: date
    time: str
    matter: str
    mediator: str
    recorder: str
    parties: tuple[str, ...]
    sections: tuple[Section, ...]
    verify_url: str
    place: str = "在线调解室（视频）"
    participants: tuple[str, ...] = ()
    recording: str = ""
    recording_head: str = ""
    agreement_no: str = ""
    reason: str = ""


def render_minutes(data: MinutesData, cache: Path) -> bytes:
    """The minutes as tagged PDF/A; the same data gives the same bytes."""
    fonts = open_fonts(cache)
    digest = chain.digest(chain.canonical(asdict(data) | {"day": data.day.isoformat()}))
    margins = Margins(data.organisation, data.case_no, digest, data.verify_url)
    pdf, sheet = typeset(fonts, margins, lambda sheet: _story(sheet, data))
    title = f"{phrase('minutes', 'title')} {data.case_no}"
    return finish(pdf, Paper(title, data.organisation, data.day, sheet.ink.structure))


def _story(sheet: Sheet, data: MinutesData) -> list[Flowable]:
    def text(words: str, look: Look = BODY_TEXT, role: str = "P") -> ZhPara:
        return ZhPara(sheet.ink, words, look, sheet.ink.structure.add(role))

    story: list[Flowable] = [
        text(phrase("minutes", "title"), TITLE, "H1"),
        text(data.case_no, NUMBER),
        *(text(line, PLAIN) for line in _head(data)),
    ]
    result = Section("result", (_result(data), phrase("minutes", "read")))
    for number, section in enumerate((*data.sections, result), 1):
        head = f"{numeral(number)}、{phrase('minutes', f'head_{section.head}')}"
        story.append(text(head, HEADING, "H2"))
        story += [text(line) for line in section.lines if line.strip()]
    return story


def _head(data: MinutesData) -> list[str]:
    rows = {
        "time": data.time,
        "place": data.place,
        "matter": data.matter,
        "mediator": data.mediator,
        "recorder": data.recorder,
        "parties": "；".join(data.parties),
        "participants": "；".join(data.participants),
    }
    lines = [phrase("minutes", name, text=text) for name, text in rows.items() if text]
    if data.recording:
        head = data.recording_head or "—"
        lines.append(phrase("minutes", "recording", recording=data.recording, head=head))
    return lines


def _result(data: MinutesData) -> str:
    if data.agreement_no:
        return phrase("minutes", "agreed", number=data.agreement_no)
    return phrase("minutes", "failed", reason=data.reason.rstrip("。") or "—")
