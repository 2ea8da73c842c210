"""The terms cut into clauses, in plain words for a small screen; it does not know who wrote or reads them.

A clause is what one can say yes or no to by itself. Its digest is that of its content, whatever the
language it is shown in, so an answer stands exactly as long as the clause says the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from odr import chain
from odr.sentences import sentence
from odr.settlement.phrases import chinese_date
from odr.settlement.promises import Promises
from odr.settlement.promises import to_json as promised_to_json
from odr.settlement.terms import Terms, capitals, to_json, yuan

EXTRA = "extra"
NAMED = {"penalty": "penalty", "fee": "fee_burden"}


@dataclass(frozen=True, slots=True)
class Clause:
    """``key`` tells what it is about; ``digest`` SHA-256 of the content; ``lines`` as it is shown."""

    key: str
    digest: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions: no ``before`` is a new clause, no ``after`` one left out."""

    key: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def clauses(terms: Terms, language: str = "zh") -> tuple[Clause, ...]:
    """What is agreed, clause by clause: sum, plan, account, manner, and whatever else was promised."""
    pays = _payment(terms, language) if terms.instalments else []
    body = to_json(terms)
    told = [
        _clause(key, body[field], [_said(key, language, text=body[field])])
        for key, field in NAMED.items()
        if body[field]
    ]
    promised = _promised(terms.promises, language)
    free = [_extra(text) for text in dict.fromkeys(terms.extra)]
    return (*pays, *told, *promised, *free)


def _payment(terms: Terms, language: str) -> list[Clause]:
    body = to_json(terms)
    found = [
        _clause("total", body["total_fen"], [_total(terms, language)]),
        _clause("plan", body["instalments"], _plan(terms, language)),
    ]
    if terms.acceleration and len(terms.instalments) > 1:
        found.append(_clause("acceleration", terms.acceleration, [_said("acceleration", language)]))
    paid_to = (("account", terms.payee_account), ("method", terms.method))
    return found + [
        _clause(key, text, [_said(key, language, text=text)]) for key, text in paid_to if text
    ]


def _promised(promises: Promises, language: str) -> list[Clause]:
    """One clause for each promise that is made."""
    body = promised_to_json(promises)
    return [
        _clause(key, body[field], [words(promises, language)])
        for key, field, words in PROMISED
        if field in body
    ]


def _grace(promises: Promises, language: str) -> str:
    return _said("grace", language, days=promises.grace_days)


def _guarantee(promises: Promises, language: str) -> str:
    given = promises.guarantee
    if given is None:
        return ""
    until = _said("until-law", language)
    if given.until:
        until = _said("until", language, day=_day(given.until, language))
    kind = _said(given.kind, language)
    return _said("guarantee", language, name=given.guarantor, kind=kind, until=until)


def _delivery(promises: Promises, language: str) -> str:
    given = promises.delivery
    if given is None:
        return ""
    values = {"by": _said(given.by, language), "due": _day(given.due, language)}
    return _said("delivery", language, what=given.what, place=given.place, **values)


def _apology(promises: Promises, language: str) -> str:
    given = promises.apology
    if given is None:
        return ""
    values = {"by": _said(given.by, language), "due": _day(given.due, language)}
    return _said("apology", language, manner=_said(given.manner, language), **values)


def _costs(promises: Promises, language: str) -> str:
    given = promises.costs
    if given is None:
        return ""
    shares = {"applicant": yuan(given.applicant_fen), "respondent": yuan(given.respondent_fen)}
    return _said("costs", language, what=given.what, **shares)


def _contracted(promises: Promises, language: str) -> str:
    given = promises.contracted
    return _said("contracted", language, day=_day(given, language)) if given else ""


def _responsibility(promises: Promises, language: str) -> str:
    return _said("responsibility", language, text=promises.responsibility)


def _remainder(promises: Promises, language: str) -> str:
    return _said("remainder", language, text=promises.remainder)


PROMISED: tuple[tuple[str, str, Callable[[Promises, str], str]], ...] = (
    ("contracted", "contracted", _contracted),
    ("responsibility", "responsibility", _responsibility),
    ("grace", "grace_days", _grace),
    ("guarantee", "guarantee", _guarantee),
    ("delivery", "delivery", _delivery),
    ("apology", "apology", _apology),
    ("costs", "costs", _costs),
    ("remainder", "remainder", _remainder),
)


def short(clause: Clause, language: str = "zh") -> str:
    """The clause in one line, for where it is only meant: itself, or what a longer one is about."""
    if len(clause.lines) == 1:
        return clause.lines[0]
    return _said(f"{clause.key}-short", language, count=len(clause.lines))


def short_names(terms: Terms, language: str = "zh") -> dict[str, str]:
    """Each clause in one line, by its key."""
    return {clause.key: short(clause, language) for clause in clauses(terms, language)}


def plain_lines(terms: Terms, language: str = "zh") -> list[str]:
    """All clauses in plain words, one short sentence a line, money and dates first."""
    return [line for clause in clauses(terms, language) for line in clause.lines]


def difference(before: Terms | None, after: Terms, language: str = "zh") -> tuple[Change, ...]:
    """What changed from one version to the next, in the order of the text, what was left out last.

    Of a changed plan only the lines that differ are given. Nothing before: everything is new.
    """
    old = _by_key(clauses(before, language)) if before else {}
    new = _by_key(clauses(after, language))
    changed = [
        _change(key, old.get(key), clause)
        for key, clause in new.items()
        if key not in old or old[key].digest != clause.digest
    ]
    return (*changed, *(_change(key, old[key], None) for key in old if key not in new))


def _by_key(found: tuple[Clause, ...]) -> dict[str, Clause]:
    return {clause.key: clause for clause in found}


def _change(key: str, before: Clause | None, after: Clause | None) -> Change:
    old, new = (clause.lines if clause else () for clause in (before, after))
    return Change(
        key,
        tuple(line for line in old if line not in new),
        tuple(line for line in new if line not in old),
    )


def _clause(key: str, content: object, lines: list[str]) -> Clause:
    return Clause(key, _digest(key, content), tuple(lines))


def _extra(text: str) -> Clause:
    """A clause in free words has no name but its own content."""
    digest = _digest(EXTRA, text)
    return Clause(f"{EXTRA}-{digest[:8]}", digest, (text,))


def _digest(key: str, content: Any) -> str:  # noqa: ANN401 -- any JSON value
    body: Mapping[str, Any] = {"clause": key, "says": content}
    return chain.digest(chain.canonical(body))


def _total(terms: Terms, language: str) -> str:
    words = {"amount": yuan(terms.total_fen), "words": capitals(terms.total_fen)}
    return _said("total", language, **words)


def _plan(terms: Terms, language: str) -> list[str]:
    return [
        _said(
            "line",
            language,
            number=line.number,
            due=_day(line.due, language),
            amount=yuan(line.amount_fen),
        )
        for line in terms.instalments
    ]


def _said(name: str, language: str, /, **values: object) -> str:
    return sentence(f"settlement.plain-{name}", language, **values)


def _day(day: date, language: str) -> str:
    return chinese_date(day) if language == "zh" else day.isoformat()
