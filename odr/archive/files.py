"""Files that are written for good: copied with their hash, flushed to the disk; it does not know why."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from odr.errors import Tampered

PIECE = 1 << 20
READ_ONLY, CLOSED_FOLDER = 0o444, 0o555


def digest_of(file: BinaryIO) -> tuple[int, str]:
    """Size and SHA-256 of what is left to read."""
    digest, size = hashlib.sha256(), 0
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def write_once(target: Path, source: BinaryIO) -> tuple[int, str]:
    """Write a new read-only file to the disk; FileExistsError when it is there. Size and SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as file:
        while piece := source.read(PIECE):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fchmod(file.fileno(), READ_ONLY)
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Make the names in a folder and all below it last."""
    for here, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(here))


def files_under(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative name and path of every file, sorted; Tampered when one is neither file nor folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise Tampered("archive.not-a-file", item=path.relative_to(folder).as_posix())
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path
