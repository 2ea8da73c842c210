"""Whether the log of today begins as a checkpoint says that somebody kept; it reads hashes, never contents.

The answer carries its proof (RFC 6962 §2.1.2): who holds the old checkpoint, the new one and the proof can
check it with our public key and without us.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.archive import checkpoints, tree
from odr.archive.bagcheck import said
from odr.archive.note import HASH, Head, Verifier
from odr.audit import AuditRow
from odr.errors import NotFound, Refused, Tampered
from odr.recordings.finding import Finding
from odr.sentences import sentence

KEPT = "checkpoint"
LARGEST_NOTE, LARGEST_PROOF = 2000, 100_000


@dataclass(frozen=True)
class Continuation:
    """What was found, as the ``key`` of its sentence; ``note`` is the newest checkpoint.

    ``ours``: what was kept bears our signature; else it shows nothing, for us or against us. ``proof`` are
    the hashes that join the newest to it.
    """

    ok: bool
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    proof: tuple[bytes, ...] = ()
    ours: bool = True

    def sentence(self, language: str) -> str:
        """What was found, for the person who kept the checkpoint."""
        return sentence(self.key, language, **self.values)

    @property
    def finding(self) -> Finding:
        """The same as a line of a report."""
        return Finding(self.ok, KEPT, said(self.key, **self.values))

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
        old = verifier.open(_bounded(kept))
    except Tampered as error:
        return _foreign(error)
    try:
        new = verifier.open(newest.note)
    except Tampered as error:
        return replace(_foreign(error), ours=True)
    query = select(AuditRow.h).where(AuditRow.seq <= new.size).order_by(AuditRow.seq)
    leaves = [checkpoints.leaf_of(h) for h in session.scalars(query)]
    path = tuple(tree.consistency(leaves, old.size)) if 0 < old.size <= len(leaves) else ()
    return replace(_judged(old, new, path), note=newest.note, proof=path)


def _judged(old: Head, new: Head, path: tuple[bytes, ...]) -> Continuation:
    """Whether the proof joins the two; anybody can say that."""
    if old.size > new.size:
        cut = {"size": old.size, "count": new.size}
        return Continuation(False, "archive.verify-audit-cut", cut)  # noqa: FBT003 -- a finding
    fits = tree.consistent((old.size, old.root), (new.size, new.root), path)
    word = "checkpoint" if fits else "forked"
    return Continuation(fits, f"archive.verify-audit-{word}", {"size": old.size})


def _foreign(error: Tampered) -> Continuation:
    return Continuation(ok=False, key=error.key, values=error.values, ours=False)


def check(kept: str, told: str, verifier: Verifier) -> Continuation:
    """The same without any log: an old note and what ``to_json`` gave; Refused when that is unreadable."""
    if len(told) > LARGEST_PROOF:
        raise Refused("archive.proof-unreadable")
    try:
        body = json.loads(told)
        note, path = str(body["note"]), tuple(bytes.fromhex(one) for one in body["proof"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("archive.proof-unreadable") from error
    if any(len(one) != HASH for one in path):  # shifted borders would hash alike
        raise Refused("archive.proof-unreadable")
    try:
        old, new = verifier.open(_bounded(kept)), verifier.open(note)
    except Tampered as error:
        return _foreign(error)
    return replace(_judged(old, new, path), note=note, proof=path)


def _bounded(text: str) -> str:
    if len(text) > LARGEST_NOTE:
        raise Tampered("archive.audit-note-unreadable")
    return text.replace("\r\n", "\n")
