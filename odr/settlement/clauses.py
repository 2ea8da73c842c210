"""The terms cut into clauses, in plain words for a small screen; it does not know who wrote or reads them.

A clause is what one can say yes or no to by itself. Its digest is that of its content, whatever the
language it is shown in, so an answer stands exactly as long as the clause says the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from odr import chain
from odr.sentences import sentence
from odr.settlement.phrases import chinese_date
from odr.settlement.terms import Terms, capitals, to_json, yuan

EXTRA = "extra"
NAMED = {"account": "payee_account", "method": "method", "penalty": "penalty", "fee": "fee_burden"}


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
    """What is agreed, clause by clause: sum, plan, account, manner, and whatever else was written."""
    body = to_json(terms)
    found = [
        _clause("total", body["total_fen"], [_total(terms, language)]),
        _clause("plan", body["instalments"], _plan(terms, language)),
        *(
            _clause(key, body[field], [_said(key, language, text=body[field])])
            for key, field in NAMED.items()
            if body[field]
        ),
        *(_extra(text) for text in dict.fromkeys(terms.extra)),
    ]
    if terms.acceleration and len(terms.instalments) > 1:
        found.insert(
            2, _clause("acceleration", terms.acceleration, [_said("acceleration", language)])
        )
    return tuple(found)


def short(clause: Clause, language: str = "zh") -> str:
    """The clause in one line, for where it is only meant: itself, or what a longer one is about."""
    if len(clause.lines) == 1:
        return clause.lines[0]
    return _said(f"{clause.key}-short", language, count=len(clause.lines))


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


def _said(name: str, language: str, **values: object) -> str:
    return sentence(f"settlement.plain-{name}", language, **values)


def _day(day: date, language: str) -> str:
    return chinese_date(day) if language == "zh" else day.isoformat()
