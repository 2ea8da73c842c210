"""What the parties agree on paying, in fen and dates; it does not know who they are or what time it is.

Law: 人民调解法 art. 29(3) (content, manner and time of performance); amounts are integer fen, due
dates calendar days in Shanghai.
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from odr import chain
from odr.errors import Refused
from odr.settlement import promises
from odr.settlement.fields import Fields
from odr.settlement.promises import NOTHING, Promises

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
THOUSAND = 1000
LARGEST_FEN = 10**14 - 1
MOST_INSTALMENTS = 120
MOST_EXTRA = 30
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Instalment:
    """One payment: ``number`` counts from 1, ``due`` is the last day it is in time."""

    number: int
    due: date
    amount_fen: int


@dataclass(frozen=True)
class Terms:
    """The agreed content. ``extra`` are clauses in plain language, one a line.

    Where nothing is to be paid, the total is 0 and there are no instalments and no account.
    """

    total_fen: int
    instalments: tuple[Instalment, ...]
    payee_account: str
    method: str = "银行转账"
    acceleration: bool = True
    penalty: str = ""
    fee_burden: str = ""
    extra: tuple[str, ...] = ()
    promises: Promises = NOTHING


def yuan(fen: int) -> str:
    """Fen as people read them: 34000000 -> "340,000.00"."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def capitals(fen: int) -> str:
    """Fen in Chinese capitals: 34000000 -> 叁拾肆万元整, 5 -> 伍分; Refused below 0 or from 1 万亿."""
    if not 0 <= fen <= LARGEST_FEN:
        raise Refused("settlement.amount-out-of-range", amount=yuan(fen))
    whole, jiao, cents = fen // 100, fen // 10 % 10, fen % 10
    text = _whole(whole) + "元" if whole else ""
    if jiao:
        text += DIGITS[jiao] + "角"
    elif cents and whole:
        text += "零"
    if cents:
        return text + DIGITS[cents] + "分"
    return (text or "零元") + "整"


def _whole(number: int) -> str:
    text, gap = "", False
    for power in (2, 1, 0):
        group = number // 10 ** (4 * power) % 10**4
        if not group:
            gap = gap or bool(text)
            continue
        if text and (gap or group < THOUSAND):
            text += "零"
        text += _group(group) + GROUPS[power]
        gap = False
    return text


def _group(number: int) -> str:
    text, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + UNITS[power]
        gap = False
    return text


def month_later(day: date, months: int) -> date:
    """The same day ``months`` later, or the month's last when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def plan_equal(
    total_fen: int, count: int, first_due: date, *, down_payment_fen: int = 0
) -> tuple[Instalment, ...]:
    """``count`` equal monthly payments, the last takes the odd fen; a down payment comes before them.

    With a down payment there are ``count + 1`` instalments: it falls on ``first_due`` and the equal
    ones on the following months.
    """
    rest = total_fen - down_payment_fen
    if count < 1 or count > MOST_INSTALMENTS:
        raise Refused("settlement.instalment-count", count=count, most=MOST_INSTALMENTS)
    if down_payment_fen < 0 or rest < count:
        raise Refused(
            "settlement.cannot-divide",
            total=yuan(max(total_fen, 0)),
            down=yuan(max(down_payment_fen, 0)),
            count=count,
        )
    each = rest // count
    amounts = [each] * (count - 1) + [rest - each * (count - 1)]
    return plan_stepped(([down_payment_fen] if down_payment_fen else []) + amounts, first_due)


def plan_stepped(amounts_fen: Sequence[int], first_due: date) -> tuple[Instalment, ...]:
    """Monthly payments of the given amounts, the first on ``first_due``."""
    return tuple(
        Instalment(index + 1, month_later(first_due, index), amount)
        for index, amount in enumerate(amounts_fen)
    )


def check(terms: Terms, *, today: date) -> None:
    """Refuse terms that nobody could perform; the sentence says which line is wrong."""
    last = terms.instalments[-1].due if terms.instalments else None
    promises.check(terms.promises, today=today, last_due=last)
    _check_texts(terms)
    if terms.total_fen == 0 and not terms.instalments and terms.promises.performs:
        return
    if not terms.payee_account.strip():
        raise Refused("settlement.no-payee-account")
    if not 0 < terms.total_fen <= LARGEST_FEN:
        raise Refused("settlement.total-not-positive", total=_signed(terms.total_fen))
    if not 1 <= len(terms.instalments) <= MOST_INSTALMENTS:
        raise Refused(
            "settlement.instalment-count", count=len(terms.instalments), most=MOST_INSTALMENTS
        )
    _check_lines(terms.instalments, today)
    paid = sum(line.amount_fen for line in terms.instalments)
    if paid != terms.total_fen:
        raise Refused(
            "settlement.sum-differs",
            instalments=yuan(paid),
            total=yuan(terms.total_fen),
            difference=yuan(abs(paid - terms.total_fen)),
        )


def _check_lines(lines: Sequence[Instalment], today: date) -> None:
    before: date | None = None
    for index, line in enumerate(lines):
        if line.number != index + 1:
            raise Refused("settlement.numbering", number=line.number, expected=index + 1)
        if line.amount_fen <= 0:
            raise Refused(
                "settlement.amount-not-positive",
                number=line.number,
                amount=_signed(line.amount_fen),
            )
        if line.due < today:
            raise Refused(
                "settlement.due-past", number=line.number, due=line.due.isoformat(), today=today
            )
        if before is not None and line.due <= before:
            raise Refused(
                "settlement.due-not-increasing", number=line.number, due=line.due, before=before
            )
        before = line.due


def _check_texts(terms: Terms) -> None:
    if len(terms.extra) > MOST_EXTRA:
        raise Refused("settlement.too-many-clauses", count=len(terms.extra), most=MOST_EXTRA)
    for text in (terms.payee_account, terms.method, terms.penalty, terms.fee_burden, *terms.extra):
        if len(text) > LONGEST_TEXT:
            raise Refused("settlement.text-too-long", start=text[:12], most=LONGEST_TEXT)


def _signed(fen: int) -> str:
    return ("-" if fen < 0 else "") + yuan(abs(fen))


def to_json(terms: Terms) -> dict[str, Any]:
    """The terms as JSON values: integers in fen, dates as YYYY-MM-DD; no promises, no such field."""
    promised = promises.to_json(terms.promises)
    return ({"promises": promised} if promised else {}) | {
        "total_fen": terms.total_fen,
        "instalments": [
            {"number": line.number, "due": line.due.isoformat(), "amount_fen": line.amount_fen}
            for line in terms.instalments
        ],
        "payee_account": terms.payee_account,
        "method": terms.method,
        "acceleration": terms.acceleration,
        "penalty": terms.penalty,
        "fee_burden": terms.fee_burden,
        "extra": list(terms.extra),
    }


def terms_from_json(body: Mapping[str, Any]) -> Terms:
    """Read what ``to_json`` wrote, or a form's JSON; Refused names the field that cannot be read."""
    read = Fields(body)
    return Terms(
        total_fen=read.number("total_fen"),
        instalments=tuple(_instalment(line) for line in read.rows("instalments", MOST_INSTALMENTS)),
        payee_account=read.text("payee_account", needed=False),
        method=read.text("method", needed=False) or "银行转账",
        acceleration=read.flag("acceleration", missing=True),
        penalty=read.text("penalty", needed=False),
        fee_burden=read.text("fee_burden", needed=False),
        extra=read.texts("extra"),
        promises=promises.from_json(body.get("promises")),
    )


def content_hash(terms: Terms) -> str:
    """SHA-256 of the canonical terms, 64 hex digits: what each party accepts."""
    return chain.digest(chain.canonical(to_json(terms)))


def _instalment(line: object) -> Instalment:
    if not isinstance(line, Mapping):
        raise Refused("settlement.terms-malformed", field="instalments")
    read = Fields(line)
    return Instalment(read.number("number"), read.day("due"), read.number("amount_fen"))
