"""What is agreed as the paper prints it, sentence by sentence, with the parties' names; it sets no type."""

from collections.abc import Iterator, Mapping
from typing import Any

from odr.settlement.phrases import chinese_date, phrase
from odr.settlement.promises import Promises
from odr.settlement.terms import Terms, capitals, yuan

Names = Mapping[str, str]  # payer, payee, applicant, respondent: as the paper calls them


def provisions(terms: Terms, names: Names) -> list[str]:
    """All that is agreed, in the order of the paper; the table of a plan follows the second sentence."""
    found = _payment(terms, names) if terms.instalments else []
    if terms.promises.grace_days:
        found.append(_say("grace", days=terms.promises.grace_days, payer=names["payer"]))
    if terms.penalty:
        found.append(_say("penalty", text=ended(terms.penalty)))
    if terms.fee_burden:
        found.append(_say("fee_burden", text=ended(terms.fee_burden)))
    found += _promised(terms.promises, names)
    found += [ended(text) for clause in terms.extra for text in paragraphs(clause)]
    if terms.promises.remainder:
        found.append(_say("remainder", text=ended(terms.promises.remainder)))
    return found


def performance(terms: Terms, place: str) -> str:
    """How, where and when it is performed (人民调解法 art. 29(3))."""
    if not terms.instalments:
        return _say("performance_plain", place=place)
    method, account = terms.method.rstrip("。"), terms.payee_account.rstrip("。")
    return _say("performance", method=method, account=account, place=place)


def paragraphs(text: str) -> list[str]:
    """The lines of a text that say anything."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def ended(text: str) -> str:
    """The sentence with a stop at its end."""
    return text if text.endswith(("。", "；", "！", "？")) else text + "。"


def _payment(terms: Terms, names: Names) -> list[str]:
    sides = {"payer": names["payer"], "payee": names["payee"]}
    figures = {"figure": yuan(terms.total_fen), "capitals": capitals(terms.total_fen)}
    found = [_say("total", **sides, **figures)]
    if len(terms.instalments) == 1:
        due = chinese_date(terms.instalments[0].due)
        return [*found, _say("single", due=due, **sides)]
    found.append(_say("plan", count=len(terms.instalments), **sides))
    if terms.acceleration:
        found.append(_say("acceleration", **sides))
    return found


def _promised(promises: Promises, names: Names) -> Iterator[str]:
    other = {"applicant": names["respondent"], "respondent": names["applicant"]}
    if loan := promises.contracted:
        yield _say("contracted", day=chinese_date(loan))
    if given := promises.guarantee:
        until = _say("until", day=chinese_date(given.until)) if given.until else _say("until_law")
        kind = _say(given.kind)
        yield _say("guarantee", name=given.guarantor, payer=names["payer"], kind=kind, until=until)
    if handed := promises.delivery:
        sides = {"by": names[handed.by], "to": other[handed.by]}
        due = chinese_date(handed.due)
        yield _say("delivery", what=handed.what, place=handed.place, due=due, **sides)
    if sorry := promises.apology:
        sides = {"by": names[sorry.by], "to": other[sorry.by]}
        yield _say("apology", manner=_say(sorry.manner), due=chinese_date(sorry.due), **sides)
    if borne := promises.costs:
        shares = {
            "applicant_yuan": yuan(borne.applicant_fen),
            "respondent_yuan": yuan(borne.respondent_fen),
        }
        sides = {"applicant": names["applicant"], "respondent": names["respondent"]}
        yield _say("costs", what=borne.what, **sides, **shares)


def _say(name: str, /, **values: Any) -> str:  # noqa: ANN401 -- whatever fills a place
    return phrase("agreement", name, **values)
