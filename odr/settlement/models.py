"""What is kept of what they agreed; it does not know the room in which they agreed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from odr.db import Base, Moment
from odr.identity.sealed import Where, seals


class Proposal(Base):
    """One version of the terms; an edit makes a new one and undoes acceptance."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    number: Mapped[int] = mapped_column(Integer)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    text_hash: Mapped[str] = mapped_column(String(64))
    by_person: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(Moment)

    answers: Mapped[list["Acceptance"]] = relationship(back_populates="proposal")
    clause_answers: Mapped[list["ClauseAnswer"]] = relationship(
        order_by="ClauseAnswer.at", back_populates="proposal"
    )


class Acceptance(Base):
    """One party's yes or no to one version, by the hash she was shown."""

    __tablename__ = "acceptance"
    __table_args__ = (UniqueConstraint("proposal_id", "party_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    party_id: Mapped[UUID] = mapped_column(Uuid)
    answer: Mapped[str] = mapped_column(String(10))  # accept | object
    reason: Mapped[str] = mapped_column(Text, default="")
    text_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    t_ms: Mapped[int] = mapped_column(Integer, default=0)  # where in the film

    proposal: Mapped[Proposal] = relationship(back_populates="answers")


class ClauseAnswer(Base):
    """One party's yes or no to one clause of one version, by the digest of what it said."""

    __tablename__ = "clause_answer"
    __table_args__ = (UniqueConstraint("proposal_id", "party_id", "clause"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    party_id: Mapped[UUID] = mapped_column(Uuid)
    clause: Mapped[str] = mapped_column(String(20))  # total, plan, ..., extra-<8 hex>
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(10))  # accept | object
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    t_ms: Mapped[int] = mapped_column(Integer, default=0)

    proposal: Mapped[Proposal] = relationship(back_populates="clause_answers")


class Agreement(Base):
    """The document. ``status``: signing, effective (all parties signed), sealed, refused."""

    __tablename__ = "agreement"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(12))
    content_hash: Mapped[str] = mapped_column(String(64))  # SHA-256 of the prepared PDF, as shown
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))  # of the current revision
    prepared_at: Mapped[datetime] = mapped_column(Moment)
    effective_at: Mapped[datetime | None] = mapped_column(Moment)
    sealed_at: Mapped[datetime | None] = mapped_column(Moment)

    signatures: Mapped[list["Signature"]] = relationship(
        order_by="Signature.number", back_populates="agreement"
    )


class Signature(Base):
    """One signature, bound to text, person, strokes and code by the hash of its evidence."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("agreement_id", "field"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(40))  # party-1, party-2, mediator, seal
    name: Mapped[str] = mapped_column(String)
    party_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(10))  # waiting | signed | refused
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    evidence_hash: Mapped[str] = mapped_column(String(64), default="")
    signed_at: Mapped[datetime | None] = mapped_column(Moment)

    agreement: Mapped[Agreement] = relationship(back_populates="signatures")


class DueInstalment(Base):
    """One instalment of an effective agreement and what came of it."""

    __tablename__ = "due_instalment"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    number: Mapped[int] = mapped_column(Integer)
    due: Mapped[date] = mapped_column(Date)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    paid_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)


class Renewal(Base):
    """A sealed paper and how long its last time stamp proves it; ``number`` 0 is the paper as it was sealed."""

    __tablename__ = "renewal"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(Moment, index=True)
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # signed; the court's copy
    at: Mapped[datetime] = mapped_column(Moment)


seals(Proposal, "terms", where=Where("case_id"))
seals(Acceptance, "reason", where=Where("proposal_id", Proposal))
seals(ClauseAnswer, "reason", where=Where("proposal_id", Proposal))
seals(Agreement, "data", where=Where("case_id"))
seals(Signature, "name", "evidence", where=Where("agreement_id", Agreement))
