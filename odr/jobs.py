"""The queue: one table, filled in the transaction of its cause; it does not know what the jobs do.

A job is claimed with a lease, done, and marked done; a worker that dies loses its lease and another
takes the job. A unique ``key`` makes a second request for the same effect a no-op. Cron rows re-arm.
"""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Integer, String, Text, Uuid, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from odr.db import Base, Moment, transaction
from odr.errors import OdrError, Unavailable

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12
MOST_IN_OUTAGE = 180  # at most an hour apart: what is away for a week is still waited for


class Job(Base):
    """One thing to be done once."""

    __tablename__ = "job"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(12), default="waiting", index=True)
    run_at: Mapped[datetime] = mapped_column(Moment, index=True)
    every_seconds: Mapped[int | None] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    worker: Mapped[str | None] = mapped_column(String(80))
    error: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Order:
    """A job to be queued. ``key`` names the effect, e.g. ``composite:<session>``."""

    kind: str
    key: str
    payload: Mapping[str, Any]
    run_at: datetime
    every: timedelta | None = None


Handler = Callable[[Mapping[str, Any]], None]


def add(session: Session, order: Order) -> None:
    """Queue a job; the same key twice is the same job."""
    if session.scalar(select(Job.id).where(Job.key == order.key)) is not None:
        return
    every = int(order.every.total_seconds()) if order.every else None
    session.add(
        Job(
            kind=order.kind,
            key=order.key,
            payload=dict(order.payload),
            run_at=order.run_at,
            made_at=order.run_at,
            every_seconds=every,
        )
    )
    session.flush()


def claim(session: Session, *, worker: str, now: datetime) -> Job | None:
    """Take the oldest due job, or one whose worker let its lease run out."""
    due = or_(
        (Job.status == "waiting") & (Job.run_at <= now),
        (Job.status == "running") & (Job.lease_until < now),
    )
    query = select(Job).where(due).order_by(Job.run_at).limit(1).with_for_update(skip_locked=True)
    job = session.scalar(query)
    if job is None:
        return None
    job.status, job.worker, job.lease_until = "running", worker, now + LEASE
    job.attempts += 1
    session.flush()
    return job


def renew(job_id: UUID, *, worker: str, now: datetime) -> bool:
    """Keep a long job's lease; False when another worker holds it meanwhile."""
    with transaction() as session:
        job = session.get(Job, job_id)
        if job is None or job.worker != worker or job.status != "running":
            return False
        job.lease_until = now + LEASE
        return True


def run_one(handlers: Mapping[str, Handler], *, worker: str, clock: Callable[[], datetime]) -> bool:
    """Claim one job, do it, keep the result; False when nothing is due."""
    with transaction() as session:
        job = claim(session, worker=worker, now=clock())
        if job is None:
            return False
        job_id, kind, payload = job.id, job.kind, dict(job.payload)
    error = _do(handlers, kind, payload)
    with transaction() as session:
        held = session.get(Job, job_id, with_for_update=True)
        if held is not None and held.worker == worker and held.status == "running":
            _settle(held, error, clock())
    return True


def _do(handlers: Mapping[str, Handler], kind: str, payload: Mapping[str, Any]) -> Exception | None:
    try:
        handlers[kind](payload)
    except Exception as error:
        # The border of the queue: whatever a job raises is kept in its row and shown to the clerk.
        logger.exception("job %s failed", kind)
        return error
    return None


def _settle(job: Job, error: Exception | None, now: datetime) -> None:
    job.lease_until, job.worker = None, None
    if error is None and job.every_seconds:
        job.status, job.attempts, job.error = "waiting", 0, None
        job.run_at = now + timedelta(seconds=job.every_seconds)
    elif error is None:
        job.status, job.done_at, job.error = "done", now, None
    else:
        permanent = isinstance(error, Unavailable) and error.permanent
        most = MOST_IN_OUTAGE if isinstance(error, Unavailable) else MOST_ATTEMPTS
        hopeless = permanent or (job.attempts >= most and not job.every_seconds)
        job.status = "dead" if hopeless else "waiting"
        job.error = str(error) if isinstance(error, OdrError) else repr(error)
        job.run_at = now + backoff(job.attempts)


def backoff(attempts: int) -> timedelta:
    """Two seconds, four, eight … at most an hour, with jitter so that workers do not march in step."""
    seconds = min(3600.0, 2.0**attempts)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 -- jitter, not a secret


def pending(session: Session) -> int:
    """How many jobs wait or run, cron rows not counted."""
    query = select(Job.id).where(
        Job.status.in_(("waiting", "running")), Job.every_seconds.is_(None)
    )
    return len(list(session.scalars(query)))


def dead(session: Session) -> list[Job]:
    """Jobs that need a person."""
    return list(session.scalars(select(Job).where(Job.status == "dead").order_by(Job.made_at)))


def retry(session: Session, job_id: UUID, now: datetime) -> None:
    """A person says: try this dead job again."""
    job = session.get(Job, job_id)
    if job is not None and job.status == "dead":
        job.status, job.attempts, job.run_at = "waiting", 0, now
