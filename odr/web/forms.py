"""What people type, read into values or refused with a sentence; it does not know what it is for."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from unicodedata import normalize
from uuid import UUID

from flask import request
from werkzeug.datastructures import FileStorage

from odr.clock import SHANGHAI
from odr.errors import NotFound, Refused
from odr.web.house import L

LARGEST_FEN = 10_000_000_000_000  # one hundred thousand million yuan
LOW_CONTROL = 32  # characters below the space, except the line break


def text(name: str, label: tuple[str, str], *, most: int = 200, needed: bool = True) -> str:
    """One line or paragraph without control characters; Refused when missing or too long."""
    raw = normalize("NFC", request.form.get(name, "")).replace("\r\n", "\n").strip()
    value = "".join(c for c in raw if ord(c) >= LOW_CONTROL or c == "\n")
    if needed and not value:
        raise Refused("web.missing", field=L(*label))
    if len(value) > most:
        raise Refused("web.too-long", field=L(*label), most=most, length=len(value))
    return value


def money(name: str, label: tuple[str, str]) -> int:
    """Yuan as typed ("340,000" or "12.5") in fen; Refused when it is no amount of whole fen."""
    typed = normalize("NFKC", text(name, label, most=30))
    plain = typed.replace(",", "").replace(" ", "").removesuffix("元").removeprefix("¥")
    try:
        fen = Decimal(plain) * 100
    except InvalidOperation as error:
        raise Refused("web.not-money", field=L(*label), typed=typed) from error
    if not fen.is_finite() or fen != int(fen) or not 0 <= fen <= LARGEST_FEN:
        raise Refused("web.not-money", field=L(*label), typed=typed)
    return int(fen)


def moment(name: str, label: tuple[str, str]) -> datetime:
    """A wall-clock time of Shanghai ("YYYY-MM-DDTHH:MM") as an aware moment."""
    typed = text(name, label, most=30)
    try:
        value = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Refused("web.not-a-time", field=L(*label), typed=typed) from error
    return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)


def identifier(name: str) -> UUID:
    """The id of a thing that a form carries; NotFound when it is none."""
    try:
        return UUID(request.form.get(name, ""))
    except ValueError as error:
        raise NotFound from error


def flag(name: str) -> bool:
    """Whether a box was ticked."""
    return request.form.get(name, "") in {"on", "1", "true", "yes"}


def upload(name: str, label: tuple[str, str]) -> FileStorage:
    """A chosen file; Refused when none was chosen."""
    found = request.files.get(name)
    if found is None or not found.filename:
        raise Refused("web.missing-file", field=L(*label))
    return found
