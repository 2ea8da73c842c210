"""The court's store as this house sees it: put once, read back, never change; it does not know the backend."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from odr import chain
from odr.archive import files
from odr.errors import Refused, Tampered

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


@dataclass(frozen=True)
class Parcel:
    """A folder to be kept under ``name`` and not deleted before ``retain_until``."""

    name: str
    folder: Path
    retain_until: datetime
    now: datetime


@dataclass(frozen=True)
class Kept:
    """One file in the store: bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Receipt:
    """What the store answers for; ``sha256`` is over the list of files, ``verified_at`` when it was read back."""

    location: str
    version: str
    size: int
    sha256: str
    retain_until: datetime
    verified_at: datetime
    files: Mapping[str, Kept]

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON, moments in ISO 8601."""
        return asdict(self) | {
            "retain_until": self.retain_until.isoformat(),
            "verified_at": self.verified_at.isoformat(),
            "files": {name: asdict(kept) for name, kept in sorted(self.files.items())},
        }


@dataclass(frozen=True)
class Attack:
    """One try to change what is kept: whether the store refused it, and its answer."""

    name: str
    refused: bool
    answer: str


@dataclass(frozen=True)
class Probe:
    """What became of the attacks on a canary; a store that yields to one is not write-once."""

    location: str
    at: datetime
    attacks: tuple[Attack, ...]

    @property
    def write_once(self) -> bool:
        """Whether every attack was refused."""
        return bool(self.attacks) and all(attack.refused for attack in self.attacks)


class CourtStore(Protocol):
    """Write once, read many. Unavailable when it is full or away; nothing half-written stays then."""

    def put_once(self, parcel: Parcel) -> Receipt:
        """Keep a folder; the same content again gives the same receipt, another content is Tampered."""
        ...

    def receipt(self, name: str) -> Receipt | None:
        """The receipt of what was put, or None."""
        ...

    def open(self, name: str, file: str) -> BinaryIO:
        """One kept file for reading; NotFound when it is not there."""
        ...

    def names(self) -> list[str]:
        """What is kept, sorted."""
        ...

    def delete(self, name: str, now: datetime) -> None:
        """Throw away after ``retain_until``; Refused before."""
        ...

    def probe(self, now: datetime) -> Probe:
        """Attack a canary of its own and tell what was refused."""
        ...


def tree_hash(files: Mapping[str, Kept]) -> str:
    """One hash over names, sizes and hashes of all files."""
    return chain.digest(chain.canonical({name: asdict(kept) for name, kept in files.items()}))


def receipt_from_json(body: Mapping[str, Any]) -> Receipt:
    """A receipt as it was written by ``to_json``."""
    return Receipt(
        location=str(body["location"]),
        version=str(body["version"]),
        size=int(body["size"]),
        sha256=str(body["sha256"]),
        retain_until=datetime.fromisoformat(body["retain_until"]),
        verified_at=datetime.fromisoformat(body["verified_at"]),
        files={name: Kept(**kept) for name, kept in body["files"].items()},
    )


def require_name(name: str) -> str:
    """Refuse a name that could leave the store."""
    if not NAME.fullmatch(name):
        raise Refused("archive.bad-name", name=name[:100])
    return name


def require_file(file: str) -> str:
    """Refuse a file name that could leave its folder."""
    if not FILE.fullmatch(file):
        raise Refused("archive.bad-name", name=file[:100])
    return file


def listing(folder: Path) -> dict[str, Kept]:
    """Size and SHA-256 of every file in a folder; Tampered for a link, Refused for a bad name."""
    found = {}
    for name, path in files.files_under(folder):
        with path.open("rb") as file:
            found[require_file(name)] = Kept(*files.digest_of(file))
    return found


def require_same(name: str, kept: Mapping[str, Kept], wanted: Mapping[str, Kept]) -> None:
    """Tampered names the first file in which two listings differ."""
    differing = sorted(f for f in {*kept, *wanted} if kept.get(f) != wanted.get(f))
    if differing:
        raise Tampered("archive.other-content", name=name, item=differing[0])
