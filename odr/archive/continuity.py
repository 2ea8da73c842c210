"""Whether the log of today begins as a checkpoint says that somebody kept; it reads hashes, never contents.

The answer carries its proof (RFC 6962 §2.1.2): who holds the old checkpoint, the new one and the proof can
check it with our public key and without us.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.archive import checkpoints, tree
from odr.archive.bagcheck import found, refused
from odr.archive.note import Head, Verifier
from odr.audit import AuditRow
from odr.errors import NotFound, Refused, Tampered
from odr.recordings.finding import Finding

KEPT = "checkpoint"
LARGEST_NOTE, LARGEST_PROOF = 2000, 100_000


@dataclass(frozen=True)
class Continuation:
    """What was found; ``note`` is the newest checkpoint, ``proof`` the hashes that join it to the kept one."""

    finding: Finding
    note: str = ""
    proof: tuple[bytes, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What a party takes to somebody else."""
        return {"note": self.note, "proof": [one.hex() for one in self.proof]}


def compare(session: Session, verifier: Verifier, kept: str) -> Continuation:
    """Compare a kept checkpoint with the log; NotFound before the first checkpoint.

    A note that is not ours or was changed is a finding, not an error: somebody has to be told.
    """
    newest = checkpoints.latest(session)
    if newest is None:
        raise NotFound
    try:
        old = verifier.open(_bounded(kept, LARGEST_NOTE))
        new = verifier.open(newest.note)
    except Tampered as error:
        return Continuation(refused(KEPT, error))
    if old.size > new.size:
        size = {"size": old.size, "count": new.size}
        return Continuation(found(KEPT, "audit-cut", ok=False, **size))
    query = select(AuditRow.h).where(AuditRow.seq <= new.size).order_by(AuditRow.seq)
    leaves = [checkpoints.leaf_of(h) for h in session.scalars(query)]
    path = tuple(tree.consistency(leaves, old.size)) if 0 < old.size <= len(leaves) else ()
    return Continuation(judged(old, new, path), newest.note, path)


def judged(old: Head, new: Head, path: tuple[bytes, ...]) -> Finding:
    """Whether the proof joins the two; anybody can say that."""
    fits = tree.consistent((old.size, old.root), (new.size, new.root), path)
    return found(KEPT, "audit-checkpoint" if fits else "audit-forked", ok=fits, size=old.size)


def check(kept: str, told: str, verifier: Verifier) -> Finding:
    """The same without any log: an old note and what ``to_json`` gave; Refused when that is unreadable."""
    try:
        body = json.loads(_bounded(told, LARGEST_PROOF))
        note, path = str(body["note"]), tuple(bytes.fromhex(one) for one in body["proof"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("archive.proof-unreadable") from error
    try:
        old, new = verifier.open(_bounded(kept, LARGEST_NOTE)), verifier.open(note)
    except Tampered as error:
        return refused(KEPT, error)
    if old.size > new.size:
        return found(KEPT, "audit-cut", ok=False, size=old.size, count=new.size)
    return judged(old, new, path)


def _bounded(text: str, most: int) -> str:
    if len(text) > most:
        raise Tampered("archive.audit-note-unreadable")
    return text.replace("\r\n", "\n")
