"""Whether a recording is what its manifest vouches for; it does not know who asks or what follows.

Every check gives one finding; a failing one names the line, the file or the bytes that do not fit.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from odr import chain
from odr.recordings import entries
from odr.recordings.entries import Entry
from odr.recordings.finding import Finding
from odr.sentences import sentence

OVERLAP_MS = 1500


def verify(folder: Path, public_key: Ed25519PublicKey | None = None) -> list[Finding]:
    """All findings about a recording; ``public_key`` is the recorder's, if known from elsewhere."""
    if not (folder / entries.NAME).is_file():
        return [_bad(entries.NAME, "missing")]
    found, findings = _read(folder)
    findings += [
        *_header(found, public_key),
        *_chain(found),
        *_signatures(found, public_key),
        *_films(folder, found),
        *_pictures(folder, found),
        *_gaps(found),
        *_seal(folder, found),
    ]
    return findings


def _good(item: str, key: str, **values: object) -> Finding:
    return Finding(ok=True, item=item, text=sentence(f"recordings.{key}", "zh", **values))


def _bad(item: str, key: str, **values: object) -> Finding:
    return Finding(ok=False, item=item, text=sentence(f"recordings.{key}", "zh", **values))


def _place(entry: Entry) -> str:
    return f"{entries.NAME}#{entry.seq}"


def _read(folder: Path) -> tuple[list[Entry], list[Finding]]:
    whole, torn = entries.lines(folder)
    found, findings = [], []
    for number, line in enumerate(whole, 1):
        entry = entries.parse(line)
        if entry is None:
            findings.append(_bad(f"{entries.NAME}:{number}", "check-unreadable", line=number))
        else:
            found.append(entry)
    if torn:
        findings.append(_bad(entries.NAME, "check-torn", size=len(torn)))
    if not findings:
        findings.append(_good(entries.NAME, "check-lines", count=len(found)))
    return found, findings


def _header(found: Sequence[Entry], known: Ed25519PublicKey | None) -> Iterator[Finding]:
    key = entries.public_key(found[0]) if found and found[0].kind == "header" else None
    if key is None:
        yield _bad(entries.NAME, "check-no-header")
    elif known is not None and key.public_bytes_raw() != known.public_bytes_raw():
        yield _bad(entries.NAME, "check-key-wrong")
    else:
        yield _good(entries.NAME, "check-key")


def _chain(found: Sequence[Entry]) -> Iterator[Finding]:
    head, t_ms, wrong = chain.GENESIS, 0, False
    for number, entry in enumerate(found):
        about = {"seq": entry.seq, "kind": entry.kind}
        keys = []
        if entry.prev != head or entry.seq != number:
            keys.append("check-link-wrong")
        if not entry.fits():
            keys.append("check-content-wrong")
        if entry.t_ms < t_ms:
            keys.append("check-time-wrong")
        for key in keys:
            wrong = True
            yield _bad(_place(entry), key, **about)
        head, t_ms = entry.h, entry.t_ms
    if not wrong:
        yield _good(entries.NAME, "check-chain", count=len(found))


def _signatures(found: Sequence[Entry], known: Ed25519PublicKey | None) -> Iterator[Finding]:
    key = known or (entries.public_key(found[0]) if found else None)
    if key is None:
        return
    wrong = [entry for entry in found if not entry.signed_by(key)]
    for entry in wrong:
        yield _bad(_place(entry), "check-signature-wrong", seq=entry.seq, kind=entry.kind)
    if not wrong:
        yield _good(entries.NAME, "check-signatures", count=len(found))


def _films(folder: Path, found: Sequence[Entry]) -> Iterator[Finding]:
    segments: dict[str, list[Entry]] = {}
    for entry in found:
        if entry.kind == "segment":
            segments.setdefault(str(entry.body.get("file", "")), []).append(entry)
    sealed = bool(found) and found[-1].kind == "sealed"
    for name, parts in segments.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            yield _bad(name, "check-file-missing")
        else:
            yield from _film(path, parts, sealed=sealed)
    for path in sorted(folder.glob("*.webm")):
        if path.name not in segments and sealed:
            yield _bad(path.name, "check-unlisted")


def _film(path: Path, parts: Sequence[Entry], *, sealed: bool) -> Iterator[Finding]:
    with path.open("rb") as file:
        findings = list(_segments(path.name, file, parts))
    size, covered = path.stat().st_size, _end(parts[-1])
    if size > covered and sealed:
        findings.append(_bad(path.name, "check-file-extra", size=size - covered))
    yield from findings
    if not findings:
        yield _good(path.name, "check-file", count=len(parts), size=covered)


def _end(entry: Entry) -> int:
    return int(entry.body["offset"]) + int(entry.body["size"])


def _segments(name: str, file: BinaryIO, parts: Sequence[Entry]) -> Iterator[Finding]:
    expected = 0
    for entry in parts:
        offset, size = int(entry.body["offset"]), int(entry.body["size"])
        about = {"seq": entry.seq, "offset": offset, "size": size}
        if offset != expected:
            yield _bad(name, "check-segment-place", expected=expected, **about)
        file.seek(offset)
        data = file.read(size)
        if len(data) < size:
            yield _bad(name, "check-file-short", seq=entry.seq, size=offset + len(data))
        elif chain.digest(data) != entry.body["sha256"]:
            yield _bad(name, "check-segment-wrong", **about)
        expected = offset + size


def _pictures(folder: Path, found: Sequence[Entry]) -> Iterator[Finding]:
    for entry in found:
        if entry.kind != "mark" or entry.body.get("name") != "snapshot":
            continue
        about = entry.body.get("body", {})
        name = str(about.get("file", ""))
        path = folder / "snapshots" / Path(name).name
        if not path.is_file():
            yield _bad(name, "check-file-missing")
        elif chain.digest(path.read_bytes()) != about.get("sha256"):
            yield _bad(name, "check-picture-wrong")
        else:
            yield _good(name, "check-picture")


def _gaps(found: Sequence[Entry]) -> Iterator[Finding]:
    """A gap that lies over something recorded was invented."""
    segments = [entry for entry in found if entry.kind == "segment"]
    for gap in (entry for entry in found if entry.kind == "gap"):
        begin, end = int(gap.body["from_ms"]), int(gap.body["to_ms"])
        shared: Counter[str] = Counter()
        for part in segments:
            both = min(end, int(part.body["t1_ms"])) - max(begin, int(part.body["t0_ms"]))
            shared[str(part.body["file"])] += max(0, both)
        for file, duration in shared.most_common(1):
            if duration > OVERLAP_MS:
                yield _bad(_place(gap), "check-gap-wrong", seq=gap.seq, file=file)


def _seal(folder: Path, found: Sequence[Entry]) -> Iterator[Finding]:
    seals = [entry for entry in found if entry.kind == "sealed"]
    if not seals:
        yield _bad(entries.NAME, "check-not-sealed")
        return
    if found[-1] is not seals[0]:
        yield _bad(_place(seals[0]), "check-after-seal")
    else:
        yield _good(_place(seals[0]), "check-sealed")
    for about in seals[0].body.get("files", []):
        path = folder / Path(str(about["file"])).name
        if not path.is_file():
            if not any(entry.body.get("file") == about["file"] for entry in found):
                yield _bad(str(about["file"]), "check-file-missing")
            continue
        with path.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest()
        if (path.stat().st_size, whole) != (about["size"], about["sha256"]):
            yield _bad(str(about["file"]), "check-whole-wrong")
