"""What other rooms may ask of a case, in one place; it knows the road of a case, not the hour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit
from odr.cases import consents as texts
from odr.cases.assignment import assign, schedule, suggest_mediators
from odr.cases.evidence import Upload, add_evidence, read_evidence
from odr.cases.intake import Filing, accept, file, return_
from odr.cases.invitations import invite, open_invitation, revoke_invitations, use_invitation
from odr.cases.models import Case, Consent, Party
from odr.cases.status import CaseStatus, Outcome, go
from odr.errors import Refused
from odr.identity.context import Ctx

__all__ = [
    "Filing",
    "Upload",
    "accept",
    "add_evidence",
    "assign",
    "close",
    "consents",
    "file",
    "give_consent",
    "invite",
    "mark_archived",
    "open_invitation",
    "read_evidence",
    "return_",
    "revoke_invitations",
    "schedule",
    "suggest_mediators",
    "use_invitation",
    "withdraw_consent",
]


def give_consent(  # noqa: PLR0913, PLR0917 -- purpose, hash and version are the consent itself
    session: Session, ctx: Ctx, party: Party, purpose: str, text_hash: str, version: str
) -> Consent:
    """Keep a party's consent with the hash of the text she saw; the same consent twice is one."""
    if text_hash not in texts.known_hashes(purpose):
        raise Refused("cases.consent-changed")
    query = select(Consent).where(Consent.party_id == party.id, Consent.purpose == purpose)
    row = session.scalar(query)
    if row is None:
        row = Consent(case_id=party.case_id, party_id=party.id, purpose=purpose)
        session.add(row)
    elif row.withdrawn_at is None and row.text_hash == text_hash:
        return row
    row.text_version, row.text_hash = version, text_hash
    row.given_at, row.withdrawn_at = ctx.now, None
    session.flush()
    _record(session, ctx, party, ("consent:given", purpose), text_hash)
    return row


def withdraw_consent(session: Session, ctx: Ctx, party: Party, purpose: str) -> None:
    """Take a consent back; from then on no session begins."""
    query = select(Consent).where(Consent.party_id == party.id, Consent.purpose == purpose)
    row = session.scalar(query)
    if row is not None and row.withdrawn_at is None:
        row.withdrawn_at = ctx.now
        session.flush()
        _record(session, ctx, party, ("consent:withdrawn", purpose), row.text_hash)


def consents(session: Session, case: Case) -> list[Consent]:
    """All consents of a case, those taken back included."""
    query = select(Consent).where(Consent.case_id == case.id)
    return list(session.scalars(query.order_by(Consent.given_at, Consent.purpose)))


def close(  # noqa: PLR0913, PLR0917 -- outcome and reason belong to every end (art. 25)
    session: Session, ctx: Ctx, case: Case, outcome: Outcome, reason: str, by: UUID | None
) -> None:
    """The mediation has ended, in one of the eight ways of 在线调解规则 art. 25."""
    case.status = go(case.status, CaseStatus.CLOSED)
    case.outcome, case.outcome_reason = Outcome(outcome).value, reason.strip()
    case.closed_at = ctx.now
    for hearing in case.hearings:
        if hearing.status == "appointed":
            hearing.status = "cancelled"
    case.version += 1
    session.flush()
    actor = audit.Actor.person(by) if by is not None else audit.SYSTEM
    body = {"outcome": case.outcome}
    audit.record(session, audit.Fact("case:closed", actor, ctx.now, case.id, body))


def mark_archived(session: Session, case: Case, now: datetime) -> None:
    """The court's store has the package and gave it back unchanged; a second call changes nothing."""
    if case.status == CaseStatus.ARCHIVED:
        return
    case.status = go(case.status, CaseStatus.ARCHIVED)
    case.archived_at = now
    case.version += 1
    session.flush()
    audit.record(session, audit.Fact("case:archived", audit.SYSTEM, now, case.id))


def _record(
    session: Session, ctx: Ctx, party: Party, what: tuple[str, str], text_hash: str
) -> None:
    action, purpose = what
    actor = audit.Actor.person(party.person_id) if party.person_id else audit.SYSTEM
    body = {"party": str(party.id), "purpose": purpose, "text_hash": text_hash}
    audit.record(session, audit.Fact(action, actor, ctx.now, party.case_id, body))
