"""What is kept about persons and how they prove themselves; it does not know what they quarrel about."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Boolean, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from odr.db import Base, Moment
from odr.identity.sealed import seals


class Person(Base):
    """A natural person: a party, a mediator, a clerk, a court manager. Numbers are encrypted."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    role: Mapped[str] = mapped_column(String(20), index=True)  # identity.rights.Role
    name: Mapped[str] = mapped_column(String, default="")
    phone_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    id_kind: Mapped[str | None] = mapped_column(String(30))
    id_number_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[str | None] = mapped_column(String(64), index=True)
    level: Mapped[str] = mapped_column(String(2), default="I0")  # I0 phone, I1 number consistent
    login_name: Mapped[str | None] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    firm: Mapped[str] = mapped_column(String(200), default="")
    specialties: Mapped[list[str]] = mapped_column(JSON, default=list)
    profile: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class CodeAttempt(Base):
    """One one-time code sent to one phone for one purpose; only a MAC of the code is kept."""

    __tablename__ = "code_attempt"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    phone_index: Mapped[str] = mapped_column(String(64), index=True)
    phone_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str] = mapped_column(String(20))  # login | sign
    code_mac: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    ip: Mapped[str] = mapped_column(String(64), default="")
    made_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class WebSession(Base):
    """A browser's session; only the SHA-256 of its cookie is kept."""

    __tablename__ = "web_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    stepped_up_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    traits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class SpentToken(Base):
    """A ticket that has been used; a second insert fails."""

    __tablename__ = "spent_token"

    jti: Mapped[str] = mapped_column(String(64), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(Moment)


seals(Person, "name")
