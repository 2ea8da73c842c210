"""Which version of the terms and which agreement of a case count now; it changes nothing."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.settlement.models import Agreement, Proposal

SIGNING, EFFECTIVE, SEALED, REFUSED = "signing", "effective", "sealed", "refused"


def versions(session: Session, case_id: UUID) -> list[Proposal]:
    """All versions of a case's terms, the first one first."""
    query = select(Proposal).where(Proposal.case_id == case_id).order_by(Proposal.number)
    return list(session.scalars(query))


def current_proposal(session: Session, case_id: UUID) -> Proposal | None:
    """The newest version of a case's terms."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.case_id == case_id)
        .order_by(Proposal.number.desc())
        .limit(1)
    ).first()


def agreement_of(session: Session, case_id: UUID) -> Agreement | None:
    """The newest agreement of a case, refused ones included."""
    return session.scalars(
        select(Agreement)
        .where(Agreement.case_id == case_id)
        .order_by(Agreement.prepared_at.desc())
        .limit(1)
    ).first()


def open_agreement(session: Session, case_id: UUID) -> Agreement | None:
    """The case's agreement unless there is none or it was refused."""
    found = agreement_of(session, case_id)
    return found if found and found.status != REFUSED else None
