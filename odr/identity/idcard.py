"""Numbers of persons: identity documents and telephones; pure, it does not know whether they are real.

GB 11643-1999 for the 18 digits of resident cards, of the permits for residents of Hong Kong, Macao and
Taiwan, and of the foreigners' permanent residence card; formats of travel permits.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from odr.errors import Refused

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
RESIDENCE_PERMITS = {"81": "hk_permit", "82": "macao_permit", "83": "taiwan_permit"}
FOREIGN = "9"
ADULT = 18
FIRST_YEAR = 1900
OTHER_KINDS = (
    ("hk_macao_pass", re.compile(r"[HM]\d{8}(\d{2})?")),
    ("taiwan_pass", re.compile(r"\d{8}|\d{10}[A-Z]")),
)
PHONE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class IdNumber:
    """A number that is consistent in itself. ``sex`` is male, female or None when not told."""

    number: str
    kind: str
    birth: date | None = None
    sex: str | None = None
    minor: bool = False


def check_id_number(text: str, *, today: date) -> IdNumber:
    """Read the number of an identity document; Refused says what is wrong with it."""
    plain = re.sub(r"[\s\-·]", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"\d{17}[\dX]", plain):
        return _eighteen(plain, today)
    for kind, pattern in OTHER_KINDS:
        if pattern.fullmatch(plain):
            return IdNumber(plain, kind)
    if re.fullmatch(r"\d{15}", plain):
        raise Refused("identity.id-old")
    raise Refused("identity.id-form", count=len(plain))


def check_digit(first: str) -> str:
    """The eighteenth character for seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def check_phone(text: str) -> str:
    """A mobile number of the mainland as eleven digits; Refused otherwise."""
    plain = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^(\+|00)?86(?=1)", "", plain)
    if not plain.isascii() or not PHONE.fullmatch(plain):
        raise Refused("identity.phone-form", count=len(plain))
    return plain


def mask_phone(phone: str) -> str:
    """13800138001 → 138****8001."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "*" * len(phone)  # noqa: PLR2004


def mask_id(number: str) -> str:
    """The first three and the last four characters; the birthday stays hidden."""
    shown = 7
    if len(number) <= shown + 1:
        return f"{number[:1]}{'*' * max(len(number) - 2, 0)}{number[-1:]}"
    return f"{number[:3]}{'*' * (len(number) - shown)}{number[-4:]}"


def mask_name(name: str) -> str:
    """陈国强 → 陈*强; two characters → 陈*; a company keeps its first two and last two."""
    longest_person = 4
    if len(name) <= 2:  # noqa: PLR2004 -- one family name and one given name
        return name[:1] + "*" * (len(name) - 1)
    if len(name) <= longest_person:
        return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"
    return f"{name[:2]}{'*' * (len(name) - 4)}{name[-2:]}"


def _eighteen(plain: str, today: date) -> IdNumber:
    if plain[0] != FOREIGN and plain[:2] not in PROVINCES:
        raise Refused("identity.id-region", region=plain[:2])
    birth = _birth(plain[6:14], today)
    if check_digit(plain[:17]) != plain[17]:
        raise Refused("identity.id-check-digit")
    kind = "foreign_pr" if plain[0] == FOREIGN else RESIDENCE_PERMITS.get(plain[:2], "resident")
    sex = "male" if int(plain[16]) % 2 else "female"
    return IdNumber(plain, kind, birth, sex, minor=age(birth, today) < ADULT)


def _birth(digits: str, today: date) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise Refused("identity.id-birth", birth=digits) from error
    if not date(FIRST_YEAR, 1, 1) <= birth <= today:
        raise Refused("identity.id-birth", birth=digits)
    return birth


def age(birth: date, today: date) -> int:
    """Full years lived."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
