"""The typefaces of our papers and what they can show; it does not know what is written.

Four vendored TrueType faces, packed with xz; a face that lacks a character hands it to the full
Serif Regular, and a character that no face has is refused instead of being printed as an empty box.
"""

import lzma
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from odr.errors import Refused

FOLDER = Path(__file__).parent / "fonts"
SONG, SONG_BOLD, HEI, HEI_BOLD = "song", "song-bold", "hei", "hei-bold"
FILES = {
    SONG: "NotoSerifSC-Regular",
    SONG_BOLD: "NotoSerifSC-Bold",
    HEI: "NotoSansSC-Regular",
    HEI_BOLD: "NotoSansSC-Bold",
}
_lock = threading.Lock()


@dataclass(frozen=True)
class Run:
    """A piece of text that one face can show; ``face`` is its name in reportlab."""

    face: str
    text: str


@dataclass(frozen=True)
class FontStack:
    """The opened faces by style."""

    faces: dict[str, TTFont]

    def face_of(self, style: str, character: str) -> str:
        """The reportlab name of the face that shows ``character``; Refused when none has it."""
        for name in (style, SONG):
            face = self.faces[name]
            if ord(character) in face.face.charToGlyph:
                return str(face.fontName)
        raise Refused(
            "settlement.missing-glyph", character=character, code=f"U+{ord(character):04X}"
        )

    def runs(self, style: str, text: str) -> Iterator[Run]:
        """Cut ``text`` where the face changes."""
        face, start = "", 0
        for index, character in enumerate(text):
            found = self.face_of(style, character)
            if found != face:
                if index > start:
                    yield Run(face, text[start:index])
                face, start = found, index
        if text[start:]:
            yield Run(face, text[start:])

    def width(self, style: str, text: str, size: float) -> float:
        """Width in points of one line of ``text``."""
        return sum(
            pdfmetrics.stringWidth(run.text, run.face, size) for run in self.runs(style, text)
        )

    def require(self, text: str) -> None:
        """Refuse text with a character that could not be printed; line ends and tabs pass."""
        for character in text:
            if character not in "\r\n\t":
                self.face_of(SONG, character)


def open_fonts(cache: Path) -> FontStack:
    """Unpack the faces into ``cache`` once (about a second) and register them with reportlab."""
    with _lock:
        faces = {style: _open(style, name, cache) for style, name in FILES.items()}
    return FontStack(faces)


def font_file(style: str, cache: Path) -> Path:
    """The unpacked TrueType file of a style, for those who draw elsewhere than on paper."""
    return _unpacked(FILES[style], cache)


def _open(style: str, name: str, cache: Path) -> TTFont:
    registered = f"odr-{style}"
    if registered in pdfmetrics.getRegisteredFontNames():
        return cast(TTFont, pdfmetrics.getFont(registered))
    font = TTFont(registered, str(_unpacked(name, cache)))
    pdfmetrics.registerFont(font)
    return font


def _unpacked(name: str, cache: Path) -> Path:
    packed = FOLDER / f"{name}.ttf.xz"
    target = cache / f"{name}-{packed.stat().st_size}.ttf"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=cache, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(lzma.decompress(packed.read_bytes()))
    Path(part).replace(target)
    return target
