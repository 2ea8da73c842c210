"""What a crash left open, found when a node starts: torn tails are cut and the manifest says so.

It seals nothing: a room may be taken over here or elsewhere under a newer epoch, and it is sealed when
the web closes it. It does not know rooms, networks or which node held a recording.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import clock
from odr.errors import Refused, Tampered
from odr.recordings import entries
from odr.recordings.manifest import OpenRecording

logger = logging.getLogger(__name__)
QUIET_SECONDS = 10.0  # a writer that lives touches its folder every second


@dataclass(frozen=True, slots=True)
class Found:
    """A recording without a seal: "repaired", "whole" (nothing was torn), "live" or "broken"."""

    folder: Path
    state: str


def recover(root: Path, key: Ed25519PrivateKey, *, quiet_s: float = QUIET_SECONDS) -> list[Found]:
    """Look at every recording under ``root`` and repair what nobody writes to any more."""
    found = [Found(folder, _repaired(folder, key, quiet_s)) for folder in _unsealed(root)]
    for one in found:
        logger.info("recording %s was left open: %s", one.folder.name, one.state)
    return found


def _unsealed(root: Path) -> Iterator[Path]:
    for path in sorted(root.glob(f"*/{entries.NAME}")):
        if not sealed(path.parent):
            yield path.parent


def sealed(folder: Path) -> bool:
    """Whether the last whole line of a manifest is its seal; only the end of the file is read."""
    with (folder / entries.NAME).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        tail = b""
        while tail.count(b"\n") < 2 and len(tail) < size:  # noqa: PLR2004 -- a line between two
            file.seek(max(0, size - max(2 * len(tail), 4096)))
            tail = file.read()
    lines = tail.split(b"\n")[:-1]
    last = entries.parse(lines[-1]) if lines else None
    return last is not None and last.kind == "sealed"


def _repaired(folder: Path, key: Ed25519PrivateKey, quiet_s: float) -> str:
    touched = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0)
    if clock.now().timestamp() - touched < quiet_s:
        return "live"
    try:
        return "repaired" if OpenRecording.repair(folder, key) else "whole"
    except (Refused, Tampered, OSError) as error:
        logger.warning("recording %s cannot be repaired: %s", folder.name, error)
        return "broken"
