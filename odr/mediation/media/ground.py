"""What every room of a node stands on; it does not know rooms."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr.mediation.media.engine import Engine, HookEngine

Json = dict[str, Any]
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Ground:
    """What every room of a node stands on; ``tell(room, epoch, type, body)`` speaks to the web."""

    folder: Path
    key: Ed25519PrivateKey
    reserve_mb: int
    tell: Callable[[str, int, str, Json], None]
    engine: Engine = field(default_factory=HookEngine)

    def full(self) -> bool:
        """Whether less is left on the disk than is kept in reserve."""
        return shutil.disk_usage(self.folder).free < self.reserve_mb * MEGABYTE
