"""The terms in plain sentences for a small screen; it does not know who reads them."""

from datetime import date

from odr.sentences import sentence
from odr.settlement.phrases import chinese_date
from odr.settlement.terms import Terms, capitals, yuan


def plain_lines(terms: Terms, language: str = "zh") -> list[str]:
    """What was agreed, one short sentence a line, money and dates first."""
    lines = [
        _said("total", language, amount=yuan(terms.total_fen), words=capitals(terms.total_fen))
    ]
    for line in terms.instalments:
        values = {"number": line.number, "due": _day(line.due, language)}
        lines.append(_said("line", language, amount=yuan(line.amount_fen), **values))
    lines.append(_said("account", language, text=terms.payee_account))
    lines.append(_said("method", language, text=terms.method))
    if terms.acceleration and len(terms.instalments) > 1:
        lines.append(_said("acceleration", language))
    if terms.penalty:
        lines.append(_said("penalty", language, text=terms.penalty))
    if terms.fee_burden:
        lines.append(_said("fee", language, text=terms.fee_burden))
    return lines + list(terms.extra)


def _said(name: str, language: str, **values: object) -> str:
    return sentence(f"settlement.plain-{name}", language, **values)


def _day(day: date, language: str) -> str:
    return chinese_date(day) if language == "zh" else day.isoformat()
