"""The seal that waits: when no stamp is to be had it is put by the queue; it does not know the room."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from odr import audit, jobs
from odr.db import transaction
from odr.errors import NotFound, Unavailable
from odr.settlement import service
from odr.settlement.authority import Authority
from odr.settlement.models import Agreement

KIND = "seal"


def seal_or_queue(
    session: Session, authority: Authority, agreement: Agreement, now: datetime
) -> bool:
    """Seal now, or let the queue do it as soon as the time stamp can be had; whether it is sealed."""
    try:
        service.seal(session, authority, agreement, now)
    except Unavailable as error:  # raised before anything was written: the paper is as it was
        order = jobs.Order(KIND, f"{KIND}:{agreement.id}", {"agreement": str(agreement.id)}, now)
        jobs.add(session, order)
        body = {"agreement": str(agreement.id), "why": error.key}
        fact = audit.Fact("agreement:seal-waits", audit.SYSTEM, now, agreement.case_id, body)
        audit.record(session, fact)
        return False
    return True


def job(authority: Authority, now: datetime, payload: Mapping[str, Any]) -> None:
    """Put the waiting seal; nothing when it is there already. Unavailable lets the queue come again."""
    with transaction() as session:
        agreement = session.get(Agreement, UUID(payload["agreement"]))
        if agreement is None:
            raise NotFound
        if agreement.status == service.EFFECTIVE:
            service.seal(session, authority, agreement, now)
