"""Personal links to a seat: made, opened, used once, revoked; only the hash of a link is kept."""

import hashlib
import secrets
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.cases.intake import note
from odr.cases.models import Invitation, Party
from odr.cases.status import CaseStatus
from odr.errors import NotFound, Refused
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.identity.service import party_phone
from odr.sentences import sentence

LIFETIME = timedelta(days=7)
OVER = frozenset({CaseStatus.CLOSED, CaseStatus.ARCHIVED, CaseStatus.RETURNED})


def invite(session: Session, ctx: Ctx, party: Party, by: Person, public_url: str) -> str:
    """Text a party her personal link and return it; links sent before are revoked."""
    if party.case.status in OVER:
        raise Refused("cases.is-over")
    _revoke(session, ctx, party)
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            id=uuid4(),
            party_id=party.id,
            token_hash=_hash(token),
            made_at=ctx.now,
            expires_at=ctx.now + LIFETIME,
        )
    )
    note(session, ctx, party.case, ("party:invited", by), party=str(party.id))
    url = f"{public_url.rstrip('/')}/i/{token}"
    ctx.sms.send(party_phone(ctx, party), sentence("cases.sms-invitation", "zh", url=url))
    return url


def revoke_invitations(session: Session, ctx: Ctx, party: Party, by: Person) -> None:
    """No link of this party opens anything any more."""
    _revoke(session, ctx, party)
    note(session, ctx, party.case, ("party:invitation-revoked", by), party=str(party.id))


def open_invitation(session: Session, ctx: Ctx, token: str) -> Party:
    """The party a link is for; Refused when it is used, revoked or too old."""
    return _valid(session, ctx, token).party


def use_invitation(session: Session, ctx: Ctx, token: str, person: Person) -> Party:
    """Seat the person who proved the invited phone; the link is used up."""
    row = _valid(session, ctx, token)
    party = row.party
    if person.phone_index != party.phone_index:
        raise Refused("cases.other-phone")
    if party.person_id not in (None, person.id):
        raise Refused("cases.seat-taken")
    row.used_at = ctx.now
    party.person_id = person.id
    note(session, ctx, party.case, ("party:joined", person), party=str(party.id))
    return party


def _valid(session: Session, ctx: Ctx, token: str) -> Invitation:
    query = select(Invitation).where(Invitation.token_hash == _hash(token))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFound
    if row.revoked_at is not None:
        raise Refused("cases.link-revoked")
    if row.used_at is not None:
        raise Refused("cases.link-used")
    if ctx.now >= row.expires_at:
        raise Refused("cases.link-expired")
    return row


def _revoke(session: Session, ctx: Ctx, party: Party) -> None:
    live = select(Invitation).where(
        Invitation.party_id == party.id,
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    for row in session.scalars(live):
        row.revoked_at = ctx.now


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
