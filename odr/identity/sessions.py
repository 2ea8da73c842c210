"""Browser sessions: opened, recognised, ended; it does not know what they are used for.

The cookie holds 256 random bits; the table holds their SHA-256 only. An hour in the room speaks over
one socket without any other request, therefore idle time is longer than that hour.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from odr.identity.context import Ctx
from odr.identity.models import Person, WebSession
from odr.identity.rights import Role

ABSOLUTE = timedelta(hours=12)
IDLE = {
    Role.PARTY: timedelta(minutes=90),
    Role.MEDIATOR: timedelta(hours=3),
    Role.CLERK: timedelta(hours=3),
    Role.COURT: timedelta(minutes=30),
    Role.AUDITOR: timedelta(minutes=30),
    Role.ADMIN: timedelta(minutes=15),
}
STEP_UP = timedelta(minutes=10)


@dataclass(frozen=True)
class OpenedSession:
    """What the browser keeps: the cookie and the token of its forms."""

    token: str = field(repr=False)
    csrf: str = field(repr=False)


def open_session(session: Session, ctx: Ctx, person: Person) -> OpenedSession:
    """A fresh session for a person who has just proved herself."""
    opened = OpenedSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    session.add(
        WebSession(
            id=_name(opened.token),
            person_id=person.id,
            csrf=opened.csrf,
            created_at=ctx.now,
            seen_at=ctx.now,
            expires_at=ctx.now + ABSOLUTE,
            traits={},
        )
    )
    session.flush()
    return opened


def session_of(session: Session, ctx: Ctx, token: str) -> tuple[Person, WebSession] | None:
    """Whose cookie this is; None when it is unknown, over, idle too long, or its person inactive."""
    row = session.get(WebSession, _name(token))
    if row is None or row.revoked_at is not None or ctx.now >= row.expires_at:
        return None
    person = session.get(Person, row.person_id)
    if person is None or not person.active:
        return None
    if ctx.now - row.seen_at > IDLE[Role(person.role)]:
        return None
    return person, row


def touch(web_session: WebSession, now: datetime) -> None:
    """She was here; keeps an idle session from ending."""
    web_session.seen_at = max(web_session.seen_at, now)


def close_session(session: Session, ctx: Ctx, token: str) -> None:
    """End a session at once; an unknown one is no error."""
    row = session.get(WebSession, _name(token))
    if row is not None and row.revoked_at is None:
        row.revoked_at = ctx.now
        session.flush()


def step_up(session: Session, web_session: WebSession, now: datetime) -> None:
    """She has proved her phone again just now."""
    web_session.stepped_up_at = now
    session.flush()


def stepped_up(web_session: WebSession, now: datetime) -> bool:
    """Whether that was at most ten minutes ago."""
    at = web_session.stepped_up_at
    return at is not None and timedelta(0) <= now - at <= STEP_UP


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
