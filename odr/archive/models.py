"""What is kept of what went to the court; it does not know what the court does with it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from odr.db import Base, Moment


class Deposit(Base):
    """One closed case on its way to the court. ``status``: waiting, bagged, stored, verified."""

    __tablename__ = "deposit"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    status: Mapped[str] = mapped_column(String(12), index=True)
    bag: Mapped[str] = mapped_column(Text, default="")
    bag_hash: Mapped[str] = mapped_column(String(64), default="")  # of tagmanifest-sha256.txt
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)


class Checkpoint(Base):
    """The audit log as it stood at ``size`` rows: signed note, its time stamp, the peaks to go on from."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    stamp: Mapped[bytes] = mapped_column(LargeBinary)
    peaks: Mapped[list[str]] = mapped_column(JSON)
    milestone: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)


class LegalHold(Base):
    """While it is not lifted, nothing of this case is deleted; every hold and its end stay on record."""

    __tablename__ = "legal_hold"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)


class DeletionCertificate(Base):
    """What was deleted, when, by which article; signed by the organisation (CMS, base64)."""

    __tablename__ = "deletion_certificate"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    signature: Mapped[str] = mapped_column(Text)
