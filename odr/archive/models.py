"""What is kept of what went to the court; it does not know what the court does with it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, String, Text, Uuid
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
