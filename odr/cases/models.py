"""What is kept about a quarrel and who sits at the table; it does not know the hour in the room."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from odr.db import Base, Moment
from odr.identity.sealed import Where, holds_keys, seals


class Case(Base):
    """One dispute. ``status`` is cases.status.CaseStatus, ``outcome`` one of the eight of art. 25."""

    __tablename__ = "case"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_no: Mapped[str] = mapped_column(String(60), unique=True)
    short_code: Mapped[str] = mapped_column(String(8), unique=True)
    cause: Mapped[str] = mapped_column(String(60), index=True)
    track: Mapped[str] = mapped_column(String(40), default="self_application")
    claim: Mapped[str] = mapped_column(Text)
    story: Mapped[str] = mapped_column(Text, default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    status: Mapped[str] = mapped_column(String(20), index=True)
    outcome: Mapped[str | None] = mapped_column(String(30), index=True)
    outcome_reason: Mapped[str] = mapped_column(Text, default="")
    mediator_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    clerk_id: Mapped[UUID | None] = mapped_column(Uuid)
    filed_at: Mapped[datetime] = mapped_column(Moment, index=True)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)  # wrapped; gone: crypto-erased

    parties: Mapped[list["Party"]] = relationship(order_by="Party.number", back_populates="case")
    hearings: Mapped[list["Hearing"]] = relationship(
        order_by="Hearing.starts_at", back_populates="case"
    )


class Party(Base):
    """One seat of one side. ``person_id`` is empty until she has registered."""

    __tablename__ = "party"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    side: Mapped[str] = mapped_column(String(20))  # applicant | respondent
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    name: Mapped[str] = mapped_column(String)
    phone_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[Case] = relationship(back_populates="parties")


class Hearing(Base):
    """One appointed hour."""

    __tablename__ = "hearing"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    minutes: Mapped[int] = mapped_column(Integer, default=60)
    status: Mapped[str] = mapped_column(String(20), default="appointed")  # appointed|held|cancelled

    case: Mapped[Case] = relationship(back_populates="hearings")


class Invitation(Base):
    """A personal link to one seat; single use, revocable; only the hash of its token is kept."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    party: Mapped[Party] = relationship()


class Consent(Base):
    """A party's consent to one purpose, with the hash of the text agreed to."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("party_id", "purpose"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))  # online_mediation | recording
    text_version: Mapped[str] = mapped_column(String(20))
    text_hash: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class Evidence(Base):
    """A file that a party brought; kept byte for byte, its hash told to both sides."""

    __tablename__ = "evidence"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    party_id: Mapped[UUID | None] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(String)
    media_type: Mapped[str] = mapped_column(String(60))
    path: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)


holds_keys(Case)
seals(Case, "claim", "story", "outcome_reason", where=Where("id"))
seals(Party, "name", "address", where=Where("case_id"))
seals(Evidence, "title", where=Where("case_id"))
