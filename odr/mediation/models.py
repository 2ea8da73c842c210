"""What is kept of the hour in the room; it does not know how pictures travel."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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


class Session(Base):
    """One mediation session of a case. ``status``: waiting, open, adjourned, closed."""

    __tablename__ = "mediation_session"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    hearing_id: Mapped[UUID | None] = mapped_column(Uuid)
    room: Mapped[str] = mapped_column(String(40), unique=True)
    node: Mapped[str | None] = mapped_column(String(80))
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(20), index=True, default="waiting")
    script: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(30))
    version: Mapped[int] = mapped_column(Integer, default=1)
    recording: Mapped[bool] = mapped_column(Boolean, default=True)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    head: Mapped[str] = mapped_column(String(64), default="")
    head_seq: Mapped[int] = mapped_column(Integer, default=0)
    bytes_on_disk: Mapped[int] = mapped_column(BigInteger, default=0)
    recorded_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    sealed: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    caucus: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    caucus_since: Mapped[datetime | None] = mapped_column(Moment)
    # By seat key: agree | refuse, to its being recorded; nothing: nobody has been asked.
    caucus_consent: Mapped[dict[str, str] | None] = mapped_column(JSON)

    seats: Mapped[list["Seat"]] = relationship(order_by="Seat.number", back_populates="session")


class Seat(Base):
    """One chair: who may sit there, whether she is let in, connected and identified."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("session_id", "key"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(20))  # a1, r1, m, c: all that the media process knows
    role: Mapped[str] = mapped_column(String(20))  # applicant | respondent | mediator | clerk
    party_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    label: Mapped[str] = mapped_column(String)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    admitted_at: Mapped[datetime | None] = mapped_column(Moment)
    waiting_since: Mapped[datetime | None] = mapped_column(Moment)
    connected: Mapped[bool] = mapped_column(Boolean, default=False)
    device_check: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    quality: Mapped[str] = mapped_column(String(10), default="")

    session: Mapped[Session] = relationship(back_populates="seats")


class StepRecord(Base):
    """One step as it was walked; its mark's hash binds the row to the film."""

    __tablename__ = "step_record"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    step: Mapped[str] = mapped_column(String(30))
    begun_at: Mapped[datetime] = mapped_column(Moment)
    begun_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    mark_hash: Mapped[str] = mapped_column(String(64), default="")
    mark_seq: Mapped[int] = mapped_column(Integer, default=0)


class Tap(Base):
    """One touch of one person on one item of the script, with the hash of the text she saw."""

    __tablename__ = "tap"
    __table_args__ = (UniqueConstraint("session_id", "seat_key", "step", "item"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    seat_key: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(30))
    item: Mapped[str] = mapped_column(String(40))
    answer: Mapped[str] = mapped_column(String(20))
    text_hash: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime] = mapped_column(Moment)
    t_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class FactLine(Base):
    """One fact put to the parties; ``answers`` by seat key: agreed, disputed or unknown."""

    __tablename__ = "fact_line"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class IdentityCheck(Base):
    """The mediator's look at one person in one session, with a server-side picture of that moment."""

    __tablename__ = "identity_check"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    seat_key: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(12))  # same | doubt | different
    by_person: Mapped[UUID] = mapped_column(Uuid)
    snapshot: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime] = mapped_column(Moment)
    t_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class Note(Base):
    """One line of the minutes, written in the room; anchored in the film."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    kind: Mapped[str] = mapped_column(
        String(20)
    )  # note | objection | chat | cannot-hear | gap | apart …
    by_label: Mapped[str] = mapped_column(String)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    t_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class NodeEvent(Base):
    """The last numbered event of a media node that has been stored."""

    __tablename__ = "node_event"

    node: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)


class Film(Base):
    """A playable film made from the tracks: the composite, or one seat's angle."""

    __tablename__ = "film"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_session.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # composite | angle
    seat_key: Mapped[str] = mapped_column(String(20), default="")
    label: Mapped[str] = mapped_column(String, default="")
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(Moment)


_OF_SITTING = Where("session_id", Session)
seals(Seat, "label", "device_check", where=_OF_SITTING)
seals(FactLine, "text", "answers", where=_OF_SITTING)
seals(Note, "text", "by_label", where=_OF_SITTING)
seals(Film, "label", where=_OF_SITTING)
