"""Says what does not fit in an agreement, a recording or a bag, offline; it knows no server and no database."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from odr import audit, chain
from odr.archive import bag, contents, inclusion, proof
from odr.archive.bagcheck import Opened, check_bag, found, read_json, refused
from odr.archive.papercheck import foreign, lines_of, pinned_roots, told
from odr.errors import Refused, Tampered
from odr.recordings import manifest
from odr.recordings.entries import parse
from odr.recordings.finding import Finding
from odr.settlement import verification

CASE, AUDIT = contents.CASE, contents.AUDIT


def verify_path(
    path: Path, roots: Sequence[bytes] | None = None, stamps: Sequence[bytes] = ()
) -> list[Finding]:
    """One finding per check; ``roots`` are trusted certificates in PEM, ``stamps`` trusted for time only.

    Refused when it is none of the three.
    """
    if path.is_file() and path.suffix.lower() == ".pdf":
        return lines_of(path.name, verification.verify_pdf(path.read_bytes(), roots, stamps))
    if (path / "bagit.txt").is_file() or (path / "tagmanifest-sha256.txt").is_file():
        return _bag(path, roots)
    if (path / "manifest.jsonl").is_file():
        return _recording(path)
    raise Refused("archive.verify-nothing", path=str(path))


def verify_command(
    path: Path, trust: str = "", stamps: Path | None = None
) -> tuple[list[str], int]:
    """The lines for a terminal, those that do not fit last, and the exit code; see ``trusted``."""
    pinned = [stamps.read_bytes()] if stamps else []
    return told(trusted(path, trust, pinned) if trust else verify_path(path))


def trusted(path: Path, trust: str, stamps: Sequence[bytes] = ()) -> list[Finding]:
    """The same under one pinned root: ``trust`` is a certificate's file or its SHA-256 in hexadecimal."""
    named = pinned_roots(_brought(path), trust)
    if not named:
        return [*verify_path(path), foreign(path.name, trust)]
    return verify_path(path, named, stamps)


def _brought(path: Path) -> list[bytes]:
    """The roots that came with what is checked."""
    if path.is_file():
        return verification.embedded_roots(path.read_bytes())
    root = path / "verify" / "root.pem"
    return [root.read_bytes()] if root.is_file() and not root.is_symlink() else []


def _recording(folder: Path) -> list[Finding]:
    try:
        return manifest.verify(folder)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return [found("manifest.jsonl", "unreadable", ok=False, why=type(error).__name__)]


def _bag(folder: Path, roots: Sequence[bytes] | None) -> list[Finding]:
    opened, findings = check_bag(folder, roots)
    try:
        case = read_json(opened, CASE)
        rows = audit_rows(opened)
        findings += [*_audit(case, rows), *_bound(opened, rows), *inclusion.check(opened, rows)]
    except Tampered as error:
        findings.append(refused(CASE, error))
        rows = []
    findings += _recordings(opened, rows)
    return [*findings, *_inner_agreement(opened)]


def audit_rows(opened: Opened) -> list[dict[str, Any]]:
    """The rows of the case as they stand in the bag; Tampered when they cannot be read."""
    rows = []
    for number, line in enumerate(opened.read(AUDIT).splitlines(), 1):
        row = contents.row_from_line(line)
        if row is None:
            raise Tampered("archive.verify-unreadable", why=f"{AUDIT}:{number}")
        rows.append(row)
    return rows


def _audit(case: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[Finding]:
    good = True
    for before, row in zip([None, *rows], rows, strict=False):
        if not _row_fits(before, row) or row["case"] != case.get("id"):
            good = False
            yield found(AUDIT, "audit-row", ok=False, seq=row["seq"])
    head = {"rows": len(rows), "head": rows[-1]["h"] if rows else ""}
    if case.get("audit") != head:
        good = False
        yield found(AUDIT, "audit-head", ok=False)
    if good:
        yield found(AUDIT, "audit", ok=True, count=len(rows))


def _row_fits(before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
    linked = {name: row[name] for name in ("seq", "case", "at", "actor", "action")}
    try:
        h = chain.link(row["prev"], {**linked, "body": row["body_hash"]})
    except ValueError:
        return False
    erased = row["body"] is None
    fits = h == row["h"] and (
        erased or audit.body_hash(row["salt"], row["body"]) == row["body_hash"]
    )
    if before is None:
        return fits
    neighbour = row["seq"] == before["seq"] + 1
    return fits and row["seq"] > before["seq"] and (not neighbour or row["prev"] == before["h"])


def _bound(opened: Opened, rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """Every document and film against the hash that was recorded before the bag was made."""
    named = [row for row in rows if row["action"] == contents.GATHERED and row["body"]]
    recorded = dict(named[-1]["body"].get("files", {})) if named else {}
    if not recorded:
        yield found(AUDIT, "unbound", ok=False)
    for name, sha256 in sorted(recorded.items()):
        fits = opened.present.get(name) == sha256
        yield found(name, "bound" if fits else "unbound", ok=fits)


def _recordings(opened: Opened, rows: list[dict[str, Any]]) -> Iterator[Finding]:
    manifests = [
        name
        for name in sorted(opened.present)
        if name.startswith(contents.RECORDINGS) and name.endswith("/manifest.jsonl")
    ]
    known: set[str] = set()
    for name in manifests:
        place = name.removesuffix("/manifest.jsonl")
        findings = _recording(opened.folder / place)
        bad = [replace(one, item=f"{place}/{one.item}") for one in findings if not one.ok]
        yield from bad
        if not bad:
            yield found(name, "inner-recording", ok=True, count=len(findings))
        lines = opened.read(name).splitlines()
        known |= {entry.h for line in lines if (entry := parse(line))}
    yield from _heads(known, rows)


def _heads(known: set[str], rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """The head that the web heard when the session was closed must be in a recording's chain."""
    for row in rows:
        head = (row["body"] or {}).get("head") if row["action"] == contents.CLOSED else None
        if head:
            fits = head in known
            yield found(contents.RECORDINGS, "bound" if fits else "unbound", ok=fits)


def _inner_agreement(opened: Opened) -> list[Finding]:
    if contents.AGREEMENT not in opened.present:
        return []
    roots = [opened.read("verify/root.pem")] if opened.root else None
    outside = bag.OUTSIDE_ROOTS  # the organisation vouches for them by its signature over the bag
    stamps = [opened.read(outside)] if outside in opened.present else []
    paper = opened.read(contents.AGREEMENT)
    checked = verification.verify_pdf(paper, roots, stamps, _bagged_at(opened))
    findings = lines_of(contents.AGREEMENT, checked)
    bad = [one for one in findings if not one.ok]
    good = found(contents.AGREEMENT, "inner-agreement", ok=True, count=len(findings))
    return bad or [good]


def _bagged_at(opened: Opened) -> datetime | None:
    """The moment of the bag's stamp: from then on the bag vouches for the paper; None asks for today."""
    if opened.root is None:
        return None
    try:
        signature, stamp = opened.read(bag.SIGNATURE), opened.read(bag.STAMP)
        return proof.check_stamp(signature, stamp, opened.root)
    except Tampered:
        return None
