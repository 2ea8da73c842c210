"""Who did what, when, to which case: append-only and hash-chained; it does not know why.

``h`` covers SHA-256(salt ‖ body), not the body itself: a body may be erased by law (PIPL art. 47) and
the chain still verifies. Triggers refuse update, delete and gaps (see ``odr/migrations``); the one
update they let through empties body and salt of a row for which an ``Erasure`` gives the reason.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, String, Text, Uuid, null, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from odr import chain
from odr.db import Base, Moment


class AuditRow(Base):
    """One fact for the court."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(80), index=True)
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    salt: Mapped[str] = mapped_column(String(32))
    body_hash: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    h: Mapped[str] = mapped_column(String(64), unique=True)


class Erasure(Base):
    """Why the body of one row is gone; written before it goes, never changed afterwards."""

    __tablename__ = "audit_erasure"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(Text)  # the law article
    told_by: Mapped[int] = mapped_column(BigInteger)  # the row that tells of it in the chain
    at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class Actor:
    """Who acts: ``person:<uuid>``, ``job:<kind>``, ``node:<id>``, ``system`` or ``public``."""

    name: str

    @classmethod
    def person(cls, person_id: UUID) -> "Actor":
        """A person by id, never by name."""
        return cls(f"person:{person_id}")


SYSTEM = Actor("system")
PUBLIC = Actor("public")
ERASED = "audit:erased"


@dataclass(frozen=True)
class Fact:
    """What is to be recorded. ``action`` is ``subject:verb`` such as ``case:filed``."""

    action: str
    actor: Actor
    at: datetime
    case_id: UUID | None = None
    body: Mapping[str, Any] | None = None


def record(session: Session, fact: Fact) -> AuditRow:
    """Append one fact to the chain, in the transaction of its cause."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(7002)")
        )  # one writer of the chain at a time
    session.flush()
    last = session.execute(
        select(AuditRow.seq, AuditRow.h).order_by(AuditRow.seq.desc()).limit(1)
    ).first()
    seq, prev = (last.seq + 1, last.h) if last else (1, chain.GENESIS)
    body = dict(fact.body or {})
    salt = secrets.token_hex(16)
    row = AuditRow(
        seq=seq,
        case_id=fact.case_id,
        at=fact.at,
        actor=fact.actor.name,
        action=fact.action,
        body=body,
        salt=salt,
        body_hash=body_hash(salt, body),
        prev=prev,
        h="",
    )
    row.h = chain.link(prev, linked(row))
    session.add(row)
    session.flush()
    return row


def erase(session: Session, rows: Iterable[AuditRow], why: Fact) -> int:
    """Empty body and salt of ``rows`` by law (PIPL art. 47); ``why.body["reason"]`` names the article.

    The fact of erasing is recorded first, with the numbers of the rows. Returns how many were emptied.
    """
    numbers = [row.seq for row in rows if row.body is not None and row.action != ERASED]
    if not numbers:
        return 0
    body = dict(why.body or {})
    told = record(session, Fact(ERASED, why.actor, why.at, why.case_id, body | {"rows": numbers}))
    reason = str(body["reason"])
    for seq in numbers:
        session.add(Erasure(seq=seq, reason=reason, told_by=told.seq, at=why.at))
    session.flush()
    emptied = update(AuditRow).where(AuditRow.seq.in_(numbers)).values(body=null(), salt="")
    session.execute(emptied.execution_options(synchronize_session=False))
    session.expire_all()
    return len(numbers)


def body_hash(salt: str, body: Mapping[str, Any]) -> str:
    """SHA-256 over salt and canonical body: short bodies cannot be guessed."""
    return chain.digest(salt.encode() + chain.canonical(body))


def linked(row: AuditRow) -> dict[str, Any]:
    """What the hash of a row covers."""
    return {
        "seq": row.seq,
        "case": str(row.case_id or ""),
        "at": row.at.isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "body": row.body_hash,
    }


def first_broken(rows: Iterable[AuditRow]) -> int | None:
    """The sequence number of the first row that does not fit, or None."""
    prev, expected = chain.GENESIS, 1
    for row in rows:
        fits = row.seq == expected and row.prev == prev and row.h == chain.link(prev, linked(row))
        if not fits or (row.body is not None and body_hash(row.salt, row.body) != row.body_hash):
            return row.seq
        prev, expected = row.h, expected + 1
    return None


def head(session: Session) -> tuple[int, str]:
    """Sequence number and hash of the newest row; (0, GENESIS) when empty."""
    last = session.execute(
        select(AuditRow.seq, AuditRow.h).order_by(AuditRow.seq.desc()).limit(1)
    ).first()
    return (last.seq, last.h) if last else (0, chain.GENESIS)


def of_case(session: Session, case_id: UUID) -> list[AuditRow]:
    """The facts of one case, oldest first."""
    return list(
        session.scalars(select(AuditRow).where(AuditRow.case_id == case_id).order_by(AuditRow.seq))
    )


def exported(row: AuditRow) -> dict[str, Any]:
    """One row as it stands in an archive: all that is needed to check its hash."""
    return {
        **linked(row),
        "body_hash": row.body_hash,
        "body": row.body,
        "salt": row.salt,
        "prev": row.prev,
        "h": row.h,
    }
