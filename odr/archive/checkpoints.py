"""Cuts signed, time-stamped checkpoints of the audit log and keeps them in the store; it does not check them.

Every ten minutes and at milestones (signing, sealing, deposit): an RFC 6962 root over the hashes of all
rows as a signed note, an RFC 3161 token over it, both in the rows and, write-once, in the court's store.
"""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from odr import chain, jobs
from odr.archive import tree
from odr.archive.depot import Depot
from odr.archive.models import Checkpoint
from odr.archive.note import Signer
from odr.archive.store import Parcel
from odr.audit import AuditRow
from odr.db import reading, transaction

EVERY = timedelta(minutes=10)
KIND = "checkpoint"
ROUTINE = "routine"
PREFIX = "audit-checkpoint-"
NOTE, STAMP, KEY = "checkpoint.txt", "checkpoint.txt.tsr", "audit-key.txt"
OUTSIDE = "checkpoint.txt.tsa.tsr"  # of the authority outside, where there is one
MOST_AT_ONCE = 500  # a store that was away for days is caught up in steps


def arm(depot: Depot) -> None:
    """Let the queue cut a checkpoint every ten minutes from now on."""
    with transaction() as session:
        jobs.add(session, jobs.Order(KIND, KIND, {"milestone": ROUTINE}, depot.clock(), EVERY))


def job(depot: Depot, payload: Mapping[str, Any]) -> None:
    """One checkpoint now, then everything that the store does not have yet."""
    with transaction() as session:
        cut(session, depot, str(payload.get("milestone", ROUTINE)))
    keep(depot)


def cut(session: Session, depot: Depot, milestone: str) -> Checkpoint | None:
    """The checkpoint over all rows of this transaction; the last one when there is nothing new."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7002)"))  # nobody appends meanwhile
    session.flush()
    last = latest(session)
    done, peaks = (last.size, [bytes.fromhex(one) for one in last.peaks]) if last else (0, [])
    query = select(AuditRow.h).where(AuditRow.seq > done).order_by(AuditRow.seq)
    hashes = session.scalars(query.execution_options(yield_per=1000))
    peaks, size = tree.grown(peaks, done, (leaf_of(h) for h in hashes))
    if size == done:
        return last
    now = depot.clock()
    note = Signer.load(depot.settings.secrets_dir).sign(size, tree.root(peaks))
    made = Checkpoint(
        size=size,
        note=note,
        stamp=depot.authority.stamp(bytes.fromhex(chain.digest(note.encode())), now),
        peaks=[one.hex() for one in peaks],
        milestone=milestone,
        at=now,
    )
    session.add(made)
    session.flush()
    return made


def leaf_of(h: str) -> bytes:
    """The leaf of one row in the tree: over the 32 bytes of its link in the chain."""
    return tree.leaf(bytes.fromhex(h))


def latest(session: Session) -> Checkpoint | None:
    """The newest checkpoint, or None."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first()


def keep(depot: Depot) -> int:
    """Put what the store lacks, the oldest first; how many.

    Unavailable when the store or the time stamp authority outside is away: the next time all are caught up.
    """
    waiting = _waiting(depot)
    for checkpoint in waiting:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (
                files_of(depot, checkpoint) | _outside(depot, checkpoint)
            ).items():
                (Path(folder) / name).write_bytes(content)
            until = checkpoint.at + timedelta(days=depot.settings.retention_days)
            depot.store.put_once(
                Parcel(name_of(checkpoint.size), Path(folder), until, depot.clock())
            )
    return len(waiting)


def _waiting(depot: Depot) -> list[Checkpoint]:
    """Back from the newest to the first that is kept: what is kept is always a beginning."""
    waiting: list[Checkpoint] = []
    with reading() as session:
        query = select(Checkpoint).order_by(Checkpoint.size.desc())
        for checkpoint in session.scalars(query):
            if depot.store.receipt(name_of(checkpoint.size)) is not None:
                break
            waiting.append(checkpoint)
        session.expunge_all()
    return waiting[::-1][:MOST_AT_ONCE]


def name_of(size: int) -> str:
    """The parcel's name in the store."""
    return f"{PREFIX}{size:012d}"


def files_of(depot: Depot, checkpoint: Checkpoint) -> dict[str, bytes]:
    """The note, its time stamp and the public key, as files for whoever keeps them."""
    verifier = Signer.load(depot.settings.secrets_dir).verifier
    return {
        NOTE: checkpoint.note.encode(),
        STAMP: checkpoint.stamp,
        KEY: f"{verifier.text}\n".encode(),
    }


def _outside(depot: Depot, checkpoint: Checkpoint) -> dict[str, bytes]:
    """The stamp of the authority outside; asked for here, where no transaction waits for it."""
    digest = bytes.fromhex(chain.digest(checkpoint.note.encode()))
    token = depot.authority.outside_stamp(digest)
    return {OUTSIDE: token} if token else {}
