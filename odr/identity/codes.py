"""Texted codes: asked for, tried, used once; it does not know what they unlock."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from odr import audit
from odr.errors import Refused
from odr.identity import otp
from odr.identity.context import Ctx
from odr.identity.models import CodeAttempt, Person
from odr.identity.rights import Role
from odr.sentences import sentence

logger = logging.getLogger(__name__)

PHONE = "phone"


@dataclass(frozen=True)
class CodeResult:
    """Who proved her phone, or why not; commit first, then raise the refusal: tries must be kept."""

    person: Person | None = None
    refusal: Refused | None = None


def ask_code(session: Session, ctx: Ctx, phone: str, *, purpose: str, ip: str) -> UUID:
    """Text a code and return the attempt it belongs to; the same for known and unknown numbers."""
    index = ctx.vault.index(phone)
    _one_at_a_time(session, index)
    otp.check_asking(
        ctx.limits,
        ctx.now,
        phone=_moments(session, CodeAttempt.phone_index == index, ctx.now),
        address=_moments(session, CodeAttempt.ip == ip, ctx.now) if ip else (),
    )
    attempt_id, code = uuid4(), otp.make(secrets.randbelow)
    session.add(
        CodeAttempt(
            id=attempt_id,
            phone_index=index,
            phone_cipher=ctx.vault.seal(phone, context=PHONE),
            purpose=purpose,
            code_mac=_mac(ctx, attempt_id, code),
            tries=0,
            ip=ip[:64],
            made_at=ctx.now,
            expires_at=ctx.now + otp.LIFETIME,
        )
    )
    session.flush()
    words = sentence(f"identity.sms-{purpose}", "zh", code=code)
    ctx.sms.send(phone, words)
    logger.info("code %s sent for %s", attempt_id, purpose)
    return attempt_id


def confirm_code(session: Session, ctx: Ctx, attempt_id: UUID, code: str) -> CodeResult:
    """Try a code; the right one makes or finds the party to whom the phone belongs."""
    attempt = session.get(CodeAttempt, attempt_id, with_for_update=True)
    if attempt is None:
        return CodeResult(refusal=Refused("identity.code-unknown"))
    refusal = otp.check_trying(
        tries=attempt.tries,
        expires_at=attempt.expires_at,
        used=attempt.used_at is not None,
        now=ctx.now,
    )
    if refusal is not None:
        return CodeResult(refusal=refusal)
    attempt.tries += 1
    session.flush()
    if not otp.same(attempt.code_mac, _mac(ctx, attempt.id, code.strip())):
        logger.warning("code %s: wrong try %d", attempt.id, attempt.tries)
        return CodeResult(refusal=otp.wrong(attempt.tries))
    attempt.used_at = ctx.now
    return _owner(session, ctx, attempt)


def _owner(session: Session, ctx: Ctx, attempt: CodeAttempt) -> CodeResult:
    person = session.scalar(select(Person).where(Person.phone_index == attempt.phone_index))
    if person is None:
        person = Person(
            id=uuid4(),
            role=Role.PARTY.value,
            phone_index=attempt.phone_index,
            phone_cipher=attempt.phone_cipher,
            created_at=ctx.now,
        )
        session.add(person)
        session.flush()
        actor = audit.Actor.person(person.id)
        audit.record(session, audit.Fact("person:phone-proved", actor, ctx.now))
    if person.role != Role.PARTY:
        return CodeResult(refusal=Refused("identity.staff-door"))
    if not person.active:
        return CodeResult(refusal=Refused("identity.not-active"))
    return CodeResult(person=person)


def _one_at_a_time(session: Session, index: str) -> None:
    """On PostgreSQL two requests for one phone wait for each other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(index[:15], 16)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _moments(session: Session, which: ColumnElement[bool], now: datetime) -> Sequence[datetime]:
    query = select(CodeAttempt.made_at).where(which, CodeAttempt.made_at > now - otp.DAY)
    return session.scalars(query).all()


def _mac(ctx: Ctx, attempt_id: UUID, code: str) -> str:
    return ctx.vault.mac(f"code:{attempt_id}:{code}")
