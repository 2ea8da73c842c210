"""Members of the house: how they are created and how they prove themselves; it keeps no session."""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.errors import Refused
from odr.identity import specialties
from odr.identity.context import Ctx
from odr.identity.models import Person, WebSession
from odr.identity.rights import Role

logger = logging.getLogger(__name__)

HASHER = PasswordHasher()
DUMMY = HASHER.hash(
    "nobody has this password"
)  # as much work for an unknown name as for a known one
TOTP_STEP = 30
DRIFT = 1  # steps of thirty seconds that a telephone's clock may be off
FREE_FAILURES = 4
LONGEST_LOCK = timedelta(minutes=15)
SHORTEST_PASSWORD = 10
TOTP = "totp"


@dataclass(frozen=True)
class NewStaff:
    """Who is to work here; a password is made when none is given."""

    login_name: str
    name: str
    role: Role
    password: str | None = field(default=None, repr=False)
    specialties: list[str] = field(default_factory=list)
    firm: str = ""
    profile: str = ""


@dataclass(frozen=True)
class LoginResult:
    """Who logged in, or why not; commit first, then raise the refusal: failures must be kept."""

    person: Person | None = None
    refusal: Refused | None = None


def add_staff(session: Session, ctx: Ctx, wanted: NewStaff) -> tuple[Person, str, str]:
    """Create a member of the house; person, password and TOTP secret, which nobody can read again."""
    _check(session, wanted)
    password = wanted.password or secrets.token_urlsafe(12)
    totp = pyotp.random_base32()
    person = Person(
        id=uuid4(),
        role=wanted.role.value,
        name=wanted.name.strip(),
        login_name=wanted.login_name.strip().lower(),
        password_hash=HASHER.hash(password),
        totp_cipher=ctx.vault.seal(totp, context=TOTP),
        specialties=[specialties.canonical(word) for word in wanted.specialties],
        firm=wanted.firm.strip(),
        profile=wanted.profile.strip(),
        created_at=ctx.now,
    )
    session.add(person)
    session.flush()
    logger.info("staff %s added as %s", person.id, person.role)
    return person, password, totp


def add_sample(session: Session, ctx: Ctx, wanted: NewStaff) -> Person:
    """An invented member of a demonstration's roster: nobody can log in as her."""
    _check(session, wanted)
    person = Person(
        id=uuid4(),
        role=wanted.role.value,
        name=wanted.name,
        login_name=wanted.login_name,
        specialties=[specialties.canonical(word) for word in wanted.specialties],
        firm=wanted.firm,
        profile=wanted.profile,
        created_at=ctx.now,
    )
    session.add(person)
    session.flush()
    return person


def staff_login(
    session: Session, ctx: Ctx, login_name: str, password: str, totp: str
) -> LoginResult:
    """Password and a TOTP code that was never used; failures make the next try wait."""
    query = select(Person).where(Person.login_name == login_name.strip().lower())
    person = session.scalar(query.with_for_update())
    if person is None or not person.active or person.password_hash is None:
        _password_fits(DUMMY, password)
        return LoginResult(refusal=Refused("identity.login-wrong"))
    if person.locked_until is not None and ctx.now < person.locked_until:
        seconds = int((person.locked_until - ctx.now).total_seconds()) + 1
        return LoginResult(refusal=Refused("identity.login-wait", seconds=seconds))
    fits = _password_fits(person.password_hash, password)
    step = _totp_step(ctx, person, totp)
    if not fits or step is None:
        return LoginResult(refusal=_failed(person, ctx.now))
    if step <= person.totp_last_step:
        _failed(person, ctx.now)
        return LoginResult(refusal=Refused("identity.totp-used"))
    person.totp_last_step, person.failures, person.locked_until = step, 0, None
    session.flush()
    return LoginResult(person=person)


def deactivate(session: Session, person: Person, now: datetime) -> None:
    """She can no longer sign in, and what she has open is closed at once."""
    person.active = False
    for row in session.scalars(select(WebSession).where(WebSession.person_id == person.id)):
        row.revoked_at = row.revoked_at or now
    session.flush()


def _check(session: Session, wanted: NewStaff) -> None:
    if wanted.role == Role.PARTY:
        raise Refused("identity.not-staff")
    login = wanted.login_name.strip().lower()
    if not login or not login.isascii() or any(c.isspace() for c in login) or len(login) > 60:  # noqa: PLR2004 -- the column
        raise Refused("identity.login-name-form")
    if not wanted.name.strip():
        raise Refused("identity.name-missing")
    if wanted.password is not None and len(wanted.password) < SHORTEST_PASSWORD:
        raise Refused("identity.password-short", least=SHORTEST_PASSWORD)
    if session.scalar(select(Person.id).where(Person.login_name == login)) is not None:
        raise Refused("identity.login-name-taken", login=login)


def _password_fits(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _totp_step(ctx: Ctx, person: Person, code: str) -> int | None:
    """The step of thirty seconds whose code this is, within the drift allowed."""
    if person.totp_cipher is None:
        return None
    totp = pyotp.TOTP(ctx.vault.open(person.totp_cipher, context=TOTP))
    plain = code.replace(" ", "")
    present = int(ctx.now.timestamp()) // TOTP_STEP
    for step in range(present - DRIFT, present + DRIFT + 1):
        if pyotp.utils.strings_equal(plain, totp.at(step * TOTP_STEP)):
            return step
    return None


def _failed(person: Person, now: datetime) -> Refused:
    person.failures += 1
    logger.warning("staff %s: failed login %d", person.id, person.failures)
    over = person.failures - FREE_FAILURES
    if over > 0:
        wait = min(timedelta(seconds=2 ** min(over + 3, 20)), LONGEST_LOCK)
        person.locked_until = now + wait
    return Refused("identity.login-wrong")
