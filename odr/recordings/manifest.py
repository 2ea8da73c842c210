"""The signed, chained list of everything recorded in one session; it does not know codecs or networks.

A line is appended and flushed to disk before anyone is told of it. After a crash the torn tails are cut,
and both the cut and the gap are declared in lines of their own: nothing is repaired silently.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import chain
from odr.errors import Refused, Tampered
from odr.recordings import entries, webm
from odr.recordings.checking import verify
from odr.recordings.entries import Entry
from odr.recordings.finding import Finding

__all__ = [
    "Entry", "FilmFile", "Finding", "Gap", "Mark", "OpenRecording", "Piece", "RecordingSummary",
    "SealedRecording", "read", "summary", "verify",
]  # fmt: skip

VERSION = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a film that is on disk: its place, hash and times in milliseconds of the room."""

    file: str
    offset: int
    size: int
    sha256: str
    t0_ms: int
    t1_ms: int
    audio: bool = False
    video: bool = False


@dataclass(frozen=True, slots=True)
class FilmFile:
    """One whole film: of one seat and one of its connections."""

    file: str
    size: int
    sha256: str
    seat: str
    seat_epoch: int
    t0_ms: int
    t1_ms: int
    audio: bool
    video: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A time that was not recorded, and why."""

    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment of the film."""

    seq: int
    t_ms: int
    name: str
    body: Mapping[str, Any]
    h: str


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What a manifest tells at a glance; ``files`` have no hash before the seal."""

    duration_ms: int
    files: tuple[FilmFile, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[Gap, ...]
    head: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """The end of a recording: its last hash and all its films."""

    seq: int
    head: str
    duration_ms: int
    files: tuple[FilmFile, ...]

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {"duration_ms": self.duration_ms, "files": [asdict(file) for file in self.files]}


class OpenRecording:
    """A manifest that is being written; one writer at a time."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey, last: Entry | None) -> None:
        """Use ``create`` or ``reopen``."""
        self.folder = folder
        self._key = key
        self._last = last
        self._size = (folder / entries.NAME).stat().st_size

    @classmethod
    def create(
        cls, folder: Path, signing_key: Ed25519PrivateKey, meta: Mapping[str, Any]
    ) -> "OpenRecording":
        """Begin a manifest in an empty folder; ``meta`` is JSON without personal data."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / entries.NAME).touch(mode=0o600, exist_ok=False)
        made = cls(folder, signing_key, None)
        public = signing_key.public_key().public_bytes_raw().hex()
        made._append({"kind": "header", "version": VERSION, "public_key": public, **meta}, 0)
        _sync_folder(folder)
        return made

    @classmethod
    def reopen(
        cls, folder: Path, signing_key: Ed25519PrivateKey, *, t_ms: int | None = None
    ) -> "OpenRecording":
        """Go on after a crash at ``t_ms`` (default: the last time known): cut torn tails, say so.

        Tampered when the lines do not fit, Refused when the recording is sealed.
        """
        found, torn = _whole(folder)
        moment = max(found[-1].t_ms, t_ms or 0)
        made = cls._healed(folder, signing_key, found, torn)
        made.gap(_last_recorded(found), moment, "crash")
        return made

    @classmethod
    def repair(cls, folder: Path, signing_key: Ed25519PrivateKey) -> bool:
        """Cut what a crash tore and say so, without going on; False when nothing was torn."""
        found, torn = _whole(folder)
        covered = _covered(folder, found)
        if not torn and all((folder / file).stat().st_size == covered[file] for file in covered):
            return False
        cls._healed(folder, signing_key, found, torn)
        return True

    @classmethod
    def _healed(
        cls, folder: Path, signing_key: Ed25519PrivateKey, found: list[Entry], torn: int
    ) -> "OpenRecording":
        if found[-1].kind == "sealed":
            raise Refused("recordings.sealed")
        _cut(folder / entries.NAME, torn)
        made = cls(folder, signing_key, found[-1])
        healed = [_heal(folder, file, size) for file, size in _covered(folder, found).items()]
        made._append({"kind": "recovered", "torn": torn, "files": healed}, found[-1].t_ms)
        for one in healed:
            if piece := _rest(folder, one, found[-1].t_ms):
                made.segment(piece)
        return made

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._last.h if self._last else chain.GENESIS

    @property
    def seq(self) -> int:
        """The number of the last line."""
        return self._last.seq if self._last else -1

    @property
    def t_ms(self) -> int:
        """The time of the last line."""
        return self._last.t_ms if self._last else 0

    def segment(self, piece: Piece) -> Entry:
        """Vouch for a part of a film that is safely on disk."""
        return self._append({"kind": "segment", **asdict(piece)}, piece.t1_ms)

    def segments(self, pieces: Iterable[Piece]) -> None:
        """Vouch for several parts with one flush to disk."""
        self._append_all([({"kind": "segment", **asdict(one)}, one.t1_ms) for one in pieces])

    def mark(self, name: str, body: Mapping[str, Any], t_ms: int) -> Entry:
        """Something happened at this moment; ``body`` is JSON without personal data."""
        return self._append({"kind": "mark", "name": name, "body": dict(body)}, t_ms)

    def gap(self, from_ms: int, to_ms: int, why: str) -> Entry:
        """Declare that nothing was recorded between two moments."""
        body = {"kind": "gap", "from_ms": from_ms, "to_ms": max(from_ms, to_ms), "why": why}
        return self._append(body, to_ms)

    def seal(self, t_ms: int) -> SealedRecording:
        """End the recording: hash every film whole; nothing can follow."""
        files = tuple(_hashed(self.folder, file) for file in summary(self.folder).files)
        duration = max(t_ms, self.t_ms)
        body = {"kind": "sealed", "files": [asdict(f) for f in files], "duration_ms": duration}
        last = self._append(body, duration)
        return SealedRecording(last.seq, last.h, duration, files)

    def _append(self, body: Mapping[str, Any], t_ms: int) -> Entry:
        return self._append_all([(body, t_ms)])[0]

    def _append_all(self, bodies: Sequence[tuple[Mapping[str, Any], int]]) -> list[Entry]:
        if self._last and self._last.kind == "sealed":
            raise Refused("recordings.sealed")
        made, last = [], self._last
        for body, t_ms in bodies:
            last = entries.following(last, body, t_ms, self._key)
            made.append(last)
        if made:
            _write(self.folder / entries.NAME, self._size, b"".join(one.line() for one in made))
            self._size += sum(len(one.line()) for one in made)
            self._last = last
        return made


def read(folder: Path) -> list[Entry]:
    """All whole lines; Tampered names the first that cannot be read, a torn last line is left out."""
    if not (folder / entries.NAME).is_file():
        raise Tampered("recordings.missing")
    found = []
    for number, line in enumerate(entries.lines(folder)[0], 1):
        entry = entries.parse(line)
        if entry is None:
            raise Tampered("recordings.broken", item=f"{entries.NAME}:{number}")
        found.append(entry)
    return found


def summary(folder: Path) -> RecordingSummary:
    """What was recorded, as the manifest says; it is not checked here."""
    found = read(folder)
    last = found[-1] if found else None
    sealed = last is not None and last.kind == "sealed"
    files = _films(found)
    if last is not None and sealed:
        files = [FilmFile(**raw) for raw in last.body["files"]]
    return RecordingSummary(
        duration_ms=last.t_ms if last else 0,
        files=tuple(files),
        marks=tuple(_mark(entry) for entry in found if entry.kind == "mark"),
        gaps=tuple(
            Gap(int(e.body["from_ms"]), int(e.body["to_ms"]), str(e.body["why"]))
            for e in found
            if e.kind == "gap"
        ),
        head=last.h if last else chain.GENESIS,
        sealed=sealed,
    )


def _mark(entry: Entry) -> Mark:
    return Mark(entry.seq, entry.t_ms, str(entry.body["name"]), entry.body["body"], entry.h)


def _films(found: Iterable[Entry]) -> list[FilmFile]:
    """The films put together from their segments; "seat.3-2.webm" is the second part of connection 3."""
    known: dict[str, FilmFile] = {}
    for entry in found:
        if entry.kind == "segment":
            name = str(entry.body["file"])
            known[name] = _longer(known.get(name) or _empty(name, entry.body), entry.body)
    return list(known.values())


def _empty(name: str, body: Mapping[str, Any]) -> FilmFile:
    seat, _, rest = name.removesuffix(".webm").rpartition(".")
    epoch, start = rest.partition("-")[0], int(body["t0_ms"])
    connection = int(epoch) if epoch.isdecimal() else 0
    return FilmFile(name, 0, "", seat, connection, start, start, audio=False, video=False)


def _longer(film: FilmFile, body: Mapping[str, Any]) -> FilmFile:
    return replace(
        film,
        size=int(body["offset"]) + int(body["size"]),
        t1_ms=max(film.t1_ms, int(body["t1_ms"])),
        audio=film.audio or bool(body.get("audio")),
        video=film.video or bool(body.get("video")),
    )


def _hashed(folder: Path, film: FilmFile) -> FilmFile:
    with (folder / film.file).open("rb") as file:
        return replace(film, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _whole(folder: Path) -> tuple[list[Entry], int]:
    """The entries whose chain fits and the length of the torn rest."""
    found = read(folder)
    torn = len(entries.lines(folder)[1])
    head = chain.GENESIS
    for number, entry in enumerate(found):
        if entry.prev != head or entry.seq != number or not entry.fits():
            raise Tampered("recordings.broken", item=f"{entries.NAME}:{number + 1}")
        head = entry.h
    if not found:
        raise Tampered("recordings.broken", item=entries.NAME)
    return found, torn


def _last_recorded(found: Iterable[Entry]) -> int:
    """Until when there is film; an interruption that was going on is part of the gap."""
    last = paused = None
    for entry in found:
        if entry.kind == "segment":
            last = entry.t_ms
        elif entry.kind == "mark" and entry.body["name"] == "paused":
            paused = entry.t_ms
        elif entry.kind == "gap":
            last, paused = entry.t_ms, None
    return paused if paused is not None else last or 0


def _covered(folder: Path, found: Iterable[Entry]) -> dict[str, int]:
    """How much of every film on disk the manifest vouches for."""
    sizes = {path.name: 0 for path in sorted(folder.glob("*.webm"))}
    for entry in found:
        if entry.kind == "segment" and entry.body["file"] in sizes:
            sizes[str(entry.body["file"])] = int(entry.body["offset"]) + int(entry.body["size"])
    return sizes


def _heal(folder: Path, file: str, covered: int) -> dict[str, Any]:
    """Cut a film behind its last whole cluster; say what was cut and what nobody vouched for yet."""
    path = folder / file
    size = path.stat().st_size
    keep = min(size, max(covered, webm.intact_size(path)))
    _cut(path, size - keep)
    return {"file": file, "covered": covered, "kept": keep, "cut": size - keep}


def _rest(folder: Path, healed: Mapping[str, Any], t_ms: int) -> Piece | None:
    """What was on disk whole when the crash came between film and manifest."""
    offset, size = int(healed["covered"]), int(healed["kept"]) - int(healed["covered"])
    if size <= 0:
        return None
    data = (folder / str(healed["file"])).read_bytes()[offset : offset + size]
    return Piece(str(healed["file"]), offset, size, chain.digest(data), t_ms, t_ms)


def _cut(path: Path, count: int) -> None:
    if count <= 0:
        return
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - count)
        os.fsync(file.fileno())


def _write(path: Path, size: int, data: bytes) -> None:
    """Append whole or not at all; Refused when somebody else has written there meanwhile."""
    handle = os.open(path, os.O_RDWR)  # few calls: each lets other threads in
    try:
        if os.fstat(handle).st_size != size:
            raise Refused("recordings.fenced")
        try:
            entries.write_at(handle, data, size)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
