"""The court's store as a folder on a disk, for one machine; it does not know what a case is.

Every file is written once, flushed, made read-only, and the whole moved into place at once. This keeps
honest people from mistakes; against the machine's owner only an object store with locks helps.
"""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from odr import chain
from odr.archive import files
from odr.archive.store import (
    Attack,
    Kept,
    Parcel,
    Probe,
    Receipt,
    listing,
    receipt_from_json,
    require_file,
    require_name,
    require_same,
    tree_hash,
)
from odr.errors import NotFound, Refused, Tampered, Unavailable

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
INCOMING, RECEIPTS, CANARY = ".incoming", ".receipts", ".canary"


@dataclass(frozen=True)
class FolderStore:
    """Keeps each parcel in ``root/<name>`` and its receipt in ``root/.receipts``."""

    root: Path

    def put_once(self, parcel: Parcel) -> Receipt:
        """Copy a folder; see the port. Unavailable when the disk is full or away."""
        name = require_name(parcel.name)
        with self._outside():
            wanted = listing(parcel.folder)
            if not (self.root / name).exists():
                self._copy(parcel, wanted)
            return self._receipt_for(parcel, wanted)

    def receipt(self, name: str) -> Receipt | None:
        """The receipt as it was given, or None."""
        path = self._receipt_path(name)
        if not path.is_file():
            return None
        return receipt_from_json(json.loads(path.read_text("utf-8")))

    def open(self, name: str, file: str) -> BinaryIO:
        """One kept file; a link that leads elsewhere is not followed."""
        path = self.root / require_name(name) / require_file(file)
        home = (self.root / name).resolve()
        if not path.is_file() or not path.resolve().is_relative_to(home):
            raise NotFound("archive.file-missing", item=f"{name}/{file}")
        return path.open("rb")

    def names(self) -> list[str]:
        """What is kept, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(p.name for p in self.root.iterdir() if p.is_dir() and p.name[0] != ".")

    def delete(self, name: str, now: datetime) -> None:
        """Throw away a parcel whose time is over; Refused before."""
        receipt = self.receipt(name)
        if receipt is None:
            raise NotFound("archive.file-missing", item=name)
        if now < receipt.retain_until:
            raise Refused("archive.must-stay", name=name, until=f"{receipt.retain_until:%Y-%m-%d}")
        _remove(self.root / name)
        self._receipt_path(name).unlink()

    def probe(self, now: datetime) -> Probe:
        """Attack a kept file as the owner of the disk can: mode bits stop mistakes, not the owner."""
        with self._outside():
            canary = self.root / CANARY
            canary.unlink(missing_ok=True)
            files.write_once(canary, BytesIO(b"odr"))
            attacks = [
                _attacked("write-again", lambda: files.write_once(canary, BytesIO(b"other"))),
                _attacked("change-as-owner", lambda: _overwrite(canary)),
                _attacked("delete-as-owner", canary.unlink),
            ]
            canary.unlink(missing_ok=True)
        return Probe(f"folder:{self.root}", now, tuple(attacks))

    def _receipt_path(self, name: str) -> Path:
        return self.root / RECEIPTS / f"{require_name(name)}.json"

    @contextmanager
    def _outside(self) -> Iterator[None]:
        if not self.root.parent.is_dir():
            raise Unavailable("archive.store-away", place=str(self.root))
        try:
            for folder in (self.root, self.root / INCOMING, self.root / RECEIPTS):
                folder.mkdir(mode=0o700, exist_ok=True)
            yield
        except OSError as error:
            key = "archive.store-full" if error.errno in FULL else "archive.store-away"
            raise Unavailable(key, place=str(self.root)) from error

    def _copy(self, parcel: Parcel, wanted: dict[str, Kept]) -> None:
        self._sweep(parcel.name)
        part = Path(tempfile.mkdtemp(prefix=f"{parcel.name}+", dir=self.root / INCOMING))
        try:
            for file, kept in wanted.items():
                _copy_file(parcel.folder / file, part / file, kept)
            files.sync_tree(part)
            part.rename(self.root / parcel.name)
        except BaseException:
            _remove(part)
            raise
        _close(self.root / parcel.name)
        files.sync_folder(self.root)

    def _sweep(self, name: str) -> None:
        """Throw away what a killed predecessor left half-written."""
        for left in (self.root / INCOMING).glob(f"{name}+*"):
            _remove(left)

    def _receipt_for(self, parcel: Parcel, wanted: dict[str, Kept]) -> Receipt:
        """Read back what is kept, compare, and give the first receipt, or the same one again."""
        kept = listing(self.root / parcel.name)
        require_same(parcel.name, kept, wanted)
        if (given := self.receipt(parcel.name)) is not None:
            return given
        whole = tree_hash(kept)
        receipt = Receipt(
            location=f"folder:{self.root / parcel.name}",
            version=whole[:16],
            size=sum(one.size for one in kept.values()),
            sha256=whole,
            retain_until=parcel.retain_until,
            verified_at=parcel.now,
            files=kept,
        )
        path = self._receipt_path(parcel.name)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        files.write_once(part, BytesIO(chain.canonical(receipt.to_json())))
        part.rename(path)
        files.sync_folder(path.parent)
        return receipt


def _copy_file(source: Path, target: Path, kept: Kept) -> None:
    with source.open("rb") as file:
        written = files.write_once(target, file)
    if written != (kept.size, kept.sha256):
        raise Tampered("archive.changed-meanwhile", item=source.name)


def _attacked(name: str, attack: Callable[[], object]) -> Attack:
    try:
        attack()
    except OSError as error:
        return Attack(name, refused=True, answer=type(error).__name__)
    return Attack(name, refused=False, answer="accepted")


def _overwrite(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"other")


def _close(folder: Path) -> None:
    for here, _, _ in os.walk(folder, topdown=False):
        Path(here).chmod(files.CLOSED_FOLDER)


def _remove(folder: Path) -> None:
    for here, _, _ in os.walk(folder):
        Path(here).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
