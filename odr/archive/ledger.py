"""Says what does not fit in the audit log: chain, tree, checkpoints, stamps; it changes nothing.

Names the changed row, reordered rows, the removed row, the cut tail, the forked history, the wrong
signature and the body erased without a reason. One pass; the rows are never all in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import chain
from odr.archive import checkpoints, proof, tree
from odr.archive.bagcheck import found, refused
from odr.archive.models import Checkpoint
from odr.archive.note import Head, Verifier
from odr.archive.store import CourtStore
from odr.audit import ERASED, AuditRow, body_hash, linked
from odr.errors import NotFound, Tampered
from odr.recordings.finding import Finding
from odr.settlement.stampcheck import stamped_at

Rows = Callable[[], Iterable[AuditRow]]
LOG = "audit"
PORTION = 1000


@dataclass(frozen=True)
class Paper:
    """A checkpoint and where it came from; stamps are empty when only the note is there.

    ``outside`` is the stamp of an authority outside, None where the store has none.
    """

    source: str
    note: str
    stamp: bytes = b""
    outside: bytes | None = None


@dataclass(frozen=True)
class Trust:
    """Which key signs checkpoints, and the root above the time stamps (None: stamps are not looked at).

    ``outside`` are the roots (PEM) of the authority outside; empty: its stamps are not looked at.
    """

    verifier: Verifier
    root: proof.Root | None = None
    outside: bytes = b""


@dataclass
class _Walk:
    """How far the pass has come."""

    size: int = 0
    prev: str = chain.GENESIS
    peaks: list[bytes] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    broken: Finding | None = None
    roots: dict[int, bytes] = field(default_factory=dict)


def examine(rows: Rows, papers: Sequence[Paper], trust: Trust) -> list[Finding]:
    """One finding per check; all that can be said about this log with these checkpoints."""
    heads: list[tuple[str, Head]] = []
    findings: list[Finding] = []
    for paper in papers:
        try:
            heads.append((paper.source, trust.verifier.open(paper.note)))
            _require_stamp(paper, trust)
        except Tampered as error:
            findings.append(refused(paper.source, error))
    walk = _walked(rows, {head.size for _, head in heads})
    findings += _chain(walk)
    return [*findings, *(_compared(source, head, walk) for source, head in heads)]


def forks(papers: Sequence[Paper], verifier: Verifier) -> list[Finding]:
    """What two parties can show without any log: the same size under one key with two roots."""
    seen: dict[int, tuple[str, bytes]] = {}
    findings = []
    for paper in papers:
        try:
            head = verifier.open(paper.note)
        except Tampered as error:
            findings.append(refused(paper.source, error))
            continue
        source, root = seen.setdefault(head.size, (paper.source, head.root))
        if root != head.root:
            findings.append(
                found(paper.source, "audit-two-roots", ok=False, size=head.size, other=source)
            )
    return findings


def _require_stamp(paper: Paper, trust: Trust) -> None:
    if paper.stamp and trust.root is not None:
        proof.check_stamp(paper.note.encode(), paper.stamp, trust.root)
    if paper.outside is not None and trust.outside:
        digest = bytes.fromhex(chain.digest(paper.note.encode()))
        if stamped_at(paper.outside, digest, trust.outside) is None:
            raise Tampered("archive.stamp-wrong")


def _walked(rows: Rows, sizes: set[int]) -> _Walk:
    walk = _Walk(roots={0: tree.EMPTY})
    for row in rows():
        if walk.broken is None and not _fits(walk, row):
            walk.broken = _named(walk, row, rows)
        walk.prev, walk.size = row.h, walk.size + 1
        walk.peaks, _ = tree.grown(walk.peaks, walk.size - 1, [checkpoints.leaf_of(row.h)])
        if walk.size in sizes:
            walk.roots[walk.size] = tree.root(walk.peaks)
        if row.body is None:
            walk.erased.add(row.seq)
        elif row.action == ERASED:
            walk.erased -= set(row.body.get("rows", []))
    return walk


def _fits(walk: _Walk, row: AuditRow) -> bool:
    return row.seq == walk.size + 1 and row.prev == walk.prev and _own(row)


def _own(row: AuditRow) -> bool:
    """Whether a row's hashes are those of its content."""
    body = row.body is None or body_hash(row.salt, row.body) == row.body_hash
    return body and row.h == chain.link(row.prev, linked(row))


def _named(walk: _Walk, row: AuditRow, rows: Rows) -> Finding:
    """What was done to the log where it first does not fit."""
    expected = walk.size + 1
    if row.prev == walk.prev:
        key, seq = ("changed", row.seq) if row.seq == expected else ("removed", expected)
    elif any(one.h == row.prev for one in rows()):
        key, seq = "reordered", expected
    elif _own(row) and row.seq == expected:
        key, seq = "changed", max(row.seq - 1, 1)  # rehashed: the next row still knows the old hash
    else:
        key, seq = "removed", expected
    return found(LOG, f"audit-{key}", ok=False, seq=seq)


def _chain(walk: _Walk) -> Iterator[Finding]:
    yield walk.broken or found(LOG, "audit-chain", ok=True, count=walk.size)
    for seq in sorted(walk.erased)[:20]:
        yield found(LOG, "audit-no-reason", ok=False, seq=seq)


def _compared(source: str, head: Head, walk: _Walk) -> Finding:
    if head.size > walk.size:
        return found(source, "audit-cut", ok=False, size=head.size, count=walk.size)
    if walk.roots[head.size] != head.root:
        return found(source, "audit-forked", ok=False, size=head.size)
    return found(source, "audit-checkpoint", ok=True, size=head.size)


def rows_of(session: Session) -> Rows:
    """The rows in order, read in portions."""

    def read() -> Iterable[AuditRow]:
        query, last = select(AuditRow).order_by(AuditRow.seq).limit(PORTION), None
        while True:  # by portions: a server's cursor would stay open when the reader stops early
            further = query if last is None else query.where(AuditRow.seq > last)
            rows = session.scalars(further).all()
            yield from rows
            if len(rows) < PORTION:
                return
            last = rows[-1].seq

    return read


def papers_of(session: Session, store: CourtStore) -> list[Paper]:
    """All checkpoints of the rows and of the store."""
    query = select(Checkpoint).order_by(Checkpoint.size)
    papers = [
        Paper(f"checkpoint {row.size}", row.note, row.stamp) for row in session.scalars(query)
    ]
    names = [name for name in store.names() if name.startswith(checkpoints.PREFIX)]
    return papers + [_stored(store, name) for name in names]


def _stored(store: CourtStore, name: str) -> Paper:
    try:
        note = _read(store, name, checkpoints.NOTE).decode("utf-8", "replace")
        stamp = _read(store, name, checkpoints.STAMP)
    except NotFound:
        return Paper(f"store {name}", "")
    try:
        return Paper(f"store {name}", note, stamp, _read(store, name, checkpoints.OUTSIDE))
    except NotFound:
        return Paper(f"store {name}", note, stamp)


def _read(store: CourtStore, name: str, file: str) -> bytes:
    with store.open(name, file) as source:
        return source.read()


def paper_from(path: Path) -> Paper:
    """A party's own checkpoint file."""
    return Paper(path.name, path.read_text("utf-8", errors="replace"))
