"""The court's store as this house sees it: put once, read back, never change; it does not know the backend."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from odr import chain
from odr.errors import Refused

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
