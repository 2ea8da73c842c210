# ruff: noqa: RUF001 -- the marks are meant
"""Where a Chinese line may end and how wide it is; it does not know pages or pens.

Rules: no closing mark begins a line and no opening mark ends one (避头尾), a number keeps its unit, full-width
marks that meet give up half an em (标点挤压), an eighth of an em parts hanzi and Latin, long codes may
be cut every four characters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reportlab.pdfbase import pdfmetrics

from odr.settlement.fonts import FontStack

NO_START = frozenset("，。、；：？！）》〉」』】〕”’…—％%‰℃·,.;:?!)]}々～ ")
NO_END = frozenset("（《〈「『【〔“‘([{￥¥$№")
OPENING = frozenset("（《〈「『【〔“‘")
CLOSING = frozenset("，。、；：？！）》〉」』】〕”’")
AFTER_DIGIT = frozenset("年月日元期条款项号室弄幢栋层万亿角分天岁个人份℃")
HAN, LATIN, OPEN, CLOSE, SPACE = "han", "latin", "open", "close", "space"
LONGEST_WORD = 18  # an identity number stays in one piece
CHUNK = 4


@dataclass(frozen=True, slots=True)
class Cluster:
    """A piece that is never cut: one full-width character or one Latin word; ``width`` in points."""

    text: str
    face: str
    width: float
    kind: str
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A cluster and where it begins, in points from the line's start."""

    x: float
    cluster: Cluster


@dataclass(frozen=True, slots=True)
class Line:
    """One line of natural ``width``; ``last`` says that it ends the paragraph."""

    placed: tuple[Placed, ...]
    width: float
    indent: float
    last: bool

    @property
    def text(self) -> str:
        """What stands on the line."""
        return "".join(item.cluster.text for item in self.placed)


def clusters(fonts: FontStack, spans: Iterable[tuple[str, str]], size: float) -> list[Cluster]:
    """Cut ``(style, text)`` spans into clusters; Refused for a character that no face has."""
    found: list[Cluster] = []
    for style, text in spans:
        for piece, kind in _pieces(text):
            for run in fonts.runs(style, piece):
                width = pdfmetrics.stringWidth(run.text, run.face, size)
                found.append(Cluster(run.text, run.face, width, kind))
    return [
        _with_glue(item, found[index + 1] if index + 1 < len(found) else None)
        for index, item in enumerate(found)
    ]


def _with_glue(item: Cluster, after: Cluster | None) -> Cluster:
    if after is None:
        return item
    unit = item.text[-1].isdigit() and item.kind == LATIN and after.text in AFTER_DIGIT
    ordinal = item.text == "第" and after.text[0].isdigit()
    pair = item.text == after.text and item.text in "…—"
    word = item.kind == after.kind == LATIN and item.face != after.face
    if unit or ordinal or pair or word:
        return Cluster(item.text, item.face, item.width, item.kind, glued=True)
    return item


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    word = ""
    for character in text:
        if "!" <= character <= "~" or ("\u00a1" <= character <= "\u024f" and character != "·"):
            word += character
            continue
        yield from _chunks(word)
        word = ""
        yield character, _kind(character)
    yield from _chunks(word)


def _kind(character: str) -> str:
    if character in OPENING:
        return OPEN
    if character in CLOSING:
        return CLOSE
    return SPACE if character in " \u00a0" else HAN


def _chunks(word: str) -> Iterator[tuple[str, str]]:
    if len(word) <= LONGEST_WORD:
        if word:
            yield word, LATIN
        return
    for start in range(0, len(word), CHUNK):
        yield word[start : start + CHUNK], LATIN


def may_break(before: Cluster, after: Cluster) -> bool:
    """Whether a line may end between the two."""
    return not (before.glued or before.text[-1] in NO_END or after.text[0] in NO_START)


def _atoms(items: Sequence[Cluster]) -> Iterator[list[Cluster]]:
    atom: list[Cluster] = []
    for item in items:
        if atom and may_break(atom[-1], item):
            yield atom
            atom = []
        atom.append(item)
    if atom:
        yield atom


def lay(items: Sequence[Cluster], size: float, *, indented: bool) -> tuple[list[Placed], float]:
    """Place clusters on one line from 0; the width counts half for a closing mark at its end."""
    half, x = size / 2, 0.0
    placed: list[Placed] = []
    for index, item in enumerate(items):
        before = items[index - 1] if index else None
        full = item.width > 0.9 * size
        if item.kind == OPEN and full and (before.kind == OPEN if before else not indented):
            x -= half
        if before and {before.kind, item.kind} == {HAN, LATIN}:
            x += size / 8
        placed.append(Placed(x, item))
        x += item.width
        after = items[index + 1] if index + 1 < len(items) else None
        if item.kind == CLOSE and full and (after is None or after.kind in (OPEN, CLOSE)):
            x -= half
    return placed, x


def break_lines(items: Sequence[Cluster], size: float, width: float, indent: float) -> list[Line]:
    """Fill lines of ``width`` points greedily, the first one indented by ``indent`` points."""
    lines: list[Line] = []
    current: list[Cluster] = []
    for atom in _atoms(items):
        space = width - (0 if lines else indent)
        if current and lay(current + atom, size, indented=not lines)[1] > space + 0.01:
            lines.append(_line(current, size, 0 if lines else indent, last=False))
            current = []
        current = current + atom
    if current or not lines:
        lines.append(_line(current, size, 0 if lines else indent, last=True))
    return lines


def _line(items: list[Cluster], size: float, indent: float, *, last: bool) -> Line:
    while items and items[-1].kind == SPACE and not last:
        items = items[:-1]
    placed, width = lay(items, size, indented=indent > 0)
    return Line(tuple(placed), width, indent, last)
