"""How the text comes about: versions, who wrote each clause, who says what to it; it does not know the room.

An edit makes a new version. It undoes every acceptance of the whole; what somebody said to one clause
stands as long as that clause says the same, because it is kept with the digest of the clause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, clock
from odr.cases.models import Case
from odr.errors import Refused
from odr.identity.models import Person
from odr.settlement.clauses import Clause, clauses, short
from odr.settlement.linter import ERROR, lint
from odr.settlement.models import Acceptance, ClauseAnswer, Proposal
from odr.settlement.register import current_proposal, open_agreement
from odr.settlement.terms import check, content_hash, terms_from_json, to_json

ACCEPT, OBJECT = "accept", "object"
ANSWERS = frozenset({ACCEPT, OBJECT})


@dataclass(frozen=True, slots=True)
class Said:
    """One party's yes or no; ``digest`` is that of the text she was shown, ``clause`` its key.

    ``t_ms`` is where in the film she said it, ``by`` the person who spoke for her.
    """

    party_id: UUID
    answer: str
    digest: str
    reason: str = ""
    clause: str = ""
    t_ms: int = 0
    by: UUID | None = None


def propose(
    session: Session, case: Case, terms: Mapping[str, Any], by: Person, now: datetime
) -> Proposal:
    """A new version of the terms; earlier acceptances no longer count.

    Refused for terms nobody could perform and for clauses the law forbids.
    """
    if open_agreement(session, case.id):
        raise Refused("settlement.agreement-exists")
    read = terms_from_json(terms)
    check(read, today=clock.local(now).date())
    for finding in lint(read):
        if finding.level == ERROR:
            raise Refused(finding.key, article=finding.article, **finding.values)
    last = current_proposal(session, case.id)
    proposal = Proposal(
        id=uuid4(),
        case_id=case.id,
        number=last.number + 1 if last else 1,
        terms=to_json(read),
        text_hash=content_hash(read),
        by_person=by.id,
        at=now,
    )
    session.add(proposal)
    _record(session, "proposal:made", (by.id, case.id, now), proposal_body(proposal))
    return proposal


def answer(session: Session, proposal: Proposal, said: Said, now: datetime) -> Acceptance:
    """One party's yes or no to the whole text she was shown.

    Refused when the text has changed meanwhile, and a yes while she objects to one of its clauses.
    """
    require_answer(session, proposal, said)
    row = _accept(session, proposal, said, now)
    body = proposal_body(proposal) | {"party": str(said.party_id), "answer": said.answer}
    _record(session, "proposal:answered", (said.by, proposal.case_id, now), body)
    return row


def require_answer(session: Session, proposal: Proposal, said: Said) -> None:
    """Refused unless this can be said to the whole now; asked before the film is marked, too."""
    _require_newest(session, proposal)
    if said.answer not in ANSWERS:
        raise Refused("settlement.answer-unknown")
    if said.digest != proposal.text_hash:
        raise Refused("settlement.text-changed")
    if said.answer == ACCEPT:
        for clause in objections(session, proposal, said.party_id):
            raise Refused("settlement.clause-objected", start=short(clause))


def answer_clause(session: Session, proposal: Proposal, said: Said, now: datetime) -> ClauseAnswer:
    """One party's yes or no to one clause; a no undoes her yes to the whole.

    Refused when the clause is not in the newest version or says something else than what was shown.
    """
    require_clause(session, proposal, said)
    query = select(ClauseAnswer).where(
        ClauseAnswer.proposal_id == proposal.id,
        ClauseAnswer.party_id == said.party_id,
        ClauseAnswer.clause == said.clause,
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        row = ClauseAnswer(proposal=proposal, party_id=said.party_id, clause=said.clause)
        session.add(row)
    row.answer, row.reason, row.digest = said.answer, said.reason, said.digest
    row.at, row.t_ms = now, said.t_ms
    yes = next((one for one in proposal.answers if one.party_id == said.party_id), None)
    if yes is not None and said.answer == OBJECT:
        yes.answer, yes.reason, yes.at, yes.t_ms = OBJECT, said.reason, now, said.t_ms
    body = {"party": str(said.party_id), "answer": said.answer, "clause": said.clause}
    body |= {"digest": said.digest}
    _record(
        session,
        "clause:answered",
        (said.by, proposal.case_id, now),
        proposal_body(proposal) | body,
    )
    return row


def require_clause(session: Session, proposal: Proposal, said: Said) -> None:
    """Refused unless this can be said now: the newest version has that clause, and it says that."""
    _require_newest(session, proposal)
    if said.answer not in ANSWERS:
        raise Refused("settlement.answer-unknown")
    present = {clause.key: clause for clause in clauses(terms_from_json(proposal.terms))}
    if said.clause not in present or present[said.clause].digest != said.digest:
        raise Refused("settlement.clause-changed")


def standing(session: Session, proposal: Proposal) -> dict[tuple[UUID, str], ClauseAnswer]:
    """What each party says now to each clause of this version, by party and the clause's digest."""
    query = (
        select(ClauseAnswer)
        .join(Proposal)
        .where(Proposal.case_id == proposal.case_id, Proposal.number <= proposal.number)
        .order_by(Proposal.number, ClauseAnswer.at)
    )
    present = {clause.digest for clause in clauses(terms_from_json(proposal.terms))}
    return {
        (row.party_id, row.digest): row for row in session.scalars(query) if row.digest in present
    }


def objections(session: Session, proposal: Proposal, party_id: UUID) -> list[Clause]:
    """The clauses of this version that a party objects to."""
    now = standing(session, proposal)
    return [
        clause
        for clause in clauses(terms_from_json(proposal.terms))
        if (row := now.get((party_id, clause.digest))) and row.answer == OBJECT
    ]


def written(found: Sequence[Proposal]) -> dict[str, Proposal]:
    """In which of these versions, in their order, each clause of the last one came to say what it says.

    A clause that was left out and came back counts from when it came back.
    """
    by_digest: dict[str, Proposal] = {}
    for version in found:
        present = [clause.digest for clause in clauses(terms_from_json(version.terms))]
        by_digest = {digest: by_digest.get(digest, version) for digest in present}
    return by_digest


def answers_to(version: Proposal) -> list[tuple[str, Acceptance | ClauseAnswer]]:
    """All that was said to a version in the order of time; with it the key of the clause, "" for the whole."""
    said: list[Acceptance | ClauseAnswer] = [*version.answers, *version.clause_answers]
    return [
        (row.clause if isinstance(row, ClauseAnswer) else "", row)
        for row in sorted(said, key=lambda row: row.at)
    ]


def accepted_by_all(proposal: Proposal, party_ids: Iterable[UUID]) -> bool:
    """Whether every one of the parties has said yes to exactly this text."""
    yes = {
        item.party_id
        for item in proposal.answers
        if item.answer == ACCEPT and item.text_hash == proposal.text_hash
    }
    wanted = set(party_ids)
    return bool(wanted) and wanted <= yes


def proposal_body(proposal: Proposal) -> dict[str, Any]:
    """What the audit says of a version."""
    return {"proposal": str(proposal.id), "number": proposal.number, "hash": proposal.text_hash}


def _require_newest(session: Session, proposal: Proposal) -> None:
    newest = current_proposal(session, proposal.case_id)
    if newest is None or newest.id != proposal.id:
        raise Refused("settlement.proposal-superseded")
    if open_agreement(session, proposal.case_id):
        raise Refused("settlement.agreement-exists")


def _accept(session: Session, proposal: Proposal, said: Said, now: datetime) -> Acceptance:
    row = next((item for item in proposal.answers if item.party_id == said.party_id), None)
    if row is None:
        row = Acceptance(proposal=proposal, party_id=said.party_id)
        session.add(row)
    row.answer, row.reason, row.text_hash = said.answer, said.reason, said.digest
    row.at, row.t_ms = now, said.t_ms
    return row


def _record(
    session: Session, action: str, who: tuple[UUID | None, UUID, datetime], body: Mapping[str, Any]
) -> None:
    person_id, case_id, now = who
    actor = audit.Actor.person(person_id) if person_id else audit.SYSTEM
    audit.record(session, audit.Fact(action, actor, now, case_id, body))
