"""A bag's checkpoint, and the proof that its rows are in that log; it does not know the other files.

Whoever holds the bag can compare its checkpoint with that of another bag or of a party: two that do not
fit show a forked history.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import chain
from odr.archive import checkpoints, tree
from odr.archive.bagcheck import Opened, found, refused
from odr.archive.depot import Depot
from odr.archive.note import Head, Verifier
from odr.audit import AuditRow
from odr.errors import Tampered
from odr.recordings.finding import Finding

NOTE, STAMP = "metadata/audit-checkpoint.txt", "metadata/audit-checkpoint.txt.tsr"
KEY, PROOF = "verify/audit-key.txt", "metadata/audit-proof.json"
BAG = "bag"


def files_for(session: Session, depot: Depot, rows: Sequence[AuditRow]) -> dict[str, bytes]:
    """Note, stamp, key and one audit path for each row of the case, as files of its bag."""
    checkpoint = checkpoints.cut(session, depot, BAG)
    if checkpoint is None:
        return {}
    query = select(AuditRow.h).where(AuditRow.seq <= checkpoint.size).order_by(AuditRow.seq)
    leaves = [checkpoints.leaf_of(h) for h in session.scalars(query)]
    paths = tree.paths(leaves, [row.seq - 1 for row in rows])
    body = {str(at + 1): [one.hex() for one in path] for at, path in paths.items()}
    kept = checkpoints.files_of(depot, checkpoint)
    return {
        NOTE: kept[checkpoints.NOTE],
        STAMP: kept[checkpoints.STAMP],
        KEY: kept[checkpoints.KEY],
        PROOF: chain.canonical(body),
    }


def check(opened: Opened, rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """Whether the bag's rows are in the log of its checkpoint; nothing for a bag that has none."""
    if NOTE not in opened.present:
        return []
    try:
        verifier = Verifier.parse(opened.read(KEY).decode("utf-8", "replace"))
        head = verifier.open(opened.read(NOTE).decode("utf-8", "replace"))
        paths = _paths(opened.read(PROOF))
    except Tampered as error:
        return [refused(NOTE, error)]
    missing = [row["seq"] for row in rows if not _in(row, head, paths)]
    if missing:
        return [found(NOTE, "audit-not-in-log", ok=False, seq=missing[0], size=head.size)]
    return [found(NOTE, "audit-in-log", ok=True, count=len(rows), size=head.size)]


def _in(row: dict[str, Any], head: Head, paths: dict[str, list[bytes]]) -> bool:
    path = paths.get(str(row["seq"]))
    if path is None or not 0 < row["seq"] <= head.size:
        return False
    try:
        one = checkpoints.leaf_of(row["h"])
    except ValueError:
        return False
    return tree.included(one, row["seq"] - 1, head.size, path) == head.root


def _paths(content: bytes) -> dict[str, list[bytes]]:
    try:
        body = json.loads(content)
        return {str(seq): [bytes.fromhex(one) for one in path] for seq, path in body.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Tampered("archive.audit-note-unreadable") from error
