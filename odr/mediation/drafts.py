"""The draft as people at the table see it: clauses, who wrote them, who says what; it changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.cases.models import Case
from odr.identity.models import Person
from odr.mediation.models import Session as Sitting
from odr.mediation.scene import party_seats
from odr.settlement import drafting
from odr.settlement import service as settlement
from odr.settlement.clauses import Clause, clauses, difference, short_names
from odr.settlement.linter import lint
from odr.settlement.models import ClauseAnswer, Proposal
from odr.settlement.terms import Terms, terms_from_json

Json = dict[str, Any]


def draft(session: Session, sitting: Sitting, language: str, *, desk: bool) -> Json | None:
    """The newest version, clause by clause, with each party's answers by seat; None before the first.

    What the linter remarks is for the ``desk`` alone: it advises the mediator, not a side.
    """
    versions = settlement.versions(session, sitting.case_id)
    if not versions or not versions[-1].terms:
        return None
    found = versions[-1]
    seats = {seat.party_id: seat.key for seat in party_seats(sitting)}
    said = {seats[row.party_id]: row for row in found.answers if row.party_id in seats}
    shown = _Shown(session, versions, seats, language)
    changes = difference(_read(versions[-2]), _read(found), language) if versions[:-1] else ()
    return {
        "id": str(found.id),
        "number": found.number,
        "terms": found.terms,
        "text_hash": found.text_hash,
        "answers": {key: row.answer for key, row in said.items()},
        "reasons": {key: row.reason for key, row in said.items() if row.reason},
        "clauses": shown.clauses({change.key for change in changes if change.before}),
        "remarks": _remarks(found, language) if desk else [],
        "left_out": [line for change in changes for line in change.before if not change.after],
    }


def _remarks(proposal: Proposal, language: str) -> list[Json]:
    return [
        {"level": one.level, "text": one.sentence(language), "article": one.article}
        for one in lint(_read(proposal))
    ]


@dataclass(frozen=True)
class _Shown:
    session: Session
    versions: list[Proposal]
    seats: dict[UUID | None, str]
    language: str

    def clauses(self, changed: set[str]) -> list[Json]:
        """Each clause with its author, since which version, and what was said to it."""
        newest = self.versions[-1]
        authors = drafting.written(self.versions)
        said = drafting.standing(self.session, newest)
        names = names_of(self.session, authors.values())
        return [
            {
                "key": clause.key,
                "lines": list(clause.lines),
                "text_hash": clause.digest,
                "by": names[authors[clause.digest].by_person],
                "since": authors[clause.digest].number,
                "changed": clause.key in changed,
                **self._said(clause, said),
            }
            for clause in clauses(_read(newest), self.language)
        ]

    def _said(self, clause: Clause, said: dict[tuple[UUID, str], ClauseAnswer]) -> Json:
        rows = {
            self.seats[party]: row
            for (party, digest), row in said.items()
            if digest == clause.digest and party in self.seats
        }
        return {
            "answers": {seat: row.answer for seat, row in rows.items()},
            "reasons": {seat: row.reason for seat, row in rows.items() if row.reason},
        }


def history(session: Session, case: Case, language: str) -> list[Json]:
    """All versions of a case's terms: who made each and when, what it changed, who said what to it.

    The terms of a case whose content was deleted by rule are gone; ``changes`` is None then.
    """
    found, before = settlement.versions(session, case.id), None
    names = names_of(session, found)
    parties = {party.id: party.name for party in case.parties}
    told: list[Json] = []
    for version in found:
        changes = difference(before, _read(version), language) if version.terms else None
        told.append(
            {
                "number": version.number,
                "by": names[version.by_person],
                "at": version.at,
                "text_hash": version.text_hash,
                "changes": changes,
                "answers": _answers(version, parties, language),
            }
        )
        before = _terms(version)
    return told


def _answers(version: Proposal, parties: dict[UUID, str], language: str) -> list[Json]:
    """What was said to the whole and to single clauses, in the order of time."""
    names = short_names(_read(version), language) if version.terms else {}
    return [
        {
            "party": parties.get(row.party_id, ""),
            "answer": row.answer,
            "reason": row.reason,
            "at": row.at,
            "clause": names.get(clause, "") if clause else None,
        }
        for clause, row in drafting.answers_to(version)
    ]


def names_of(session: Session, versions: Iterable[Proposal]) -> dict[UUID, str]:
    """The names of those who made these versions."""
    wanted = {version.by_person for version in versions}
    rows = session.scalars(select(Person).where(Person.id.in_(wanted)))
    return dict.fromkeys(wanted, "") | {row.id: row.name for row in rows}


def _read(proposal: Proposal) -> Terms:
    return terms_from_json(proposal.terms)


def _terms(proposal: Proposal) -> Terms | None:
    return _read(proposal) if proposal.terms else None
