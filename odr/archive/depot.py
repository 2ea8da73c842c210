"""The tools of the archive's jobs, laid out once; it does not know which job uses which."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from odr.archive.store import CourtStore
from odr.identity.vault import Vault
from odr.settings import Settings
from odr.settlement.authority import Authority


class Doors(Protocol):
    """What the archive needs of the outside: the keys of the papers and the court's store."""

    @property
    def authority(self) -> Authority:
        """Who seals."""
        ...

    @property
    def store(self) -> CourtStore:
        """Where bags go."""
        ...


@dataclass(frozen=True)
class Depot:
    """Settings, keys, store and clock."""

    settings: Settings
    authority: Authority
    store: CourtStore
    clock: Callable[[], datetime]

    @cached_property
    def vault(self) -> Vault:
        """What opens sealed numbers and files."""
        return Vault.of(self.settings)

    @property
    def bags_dir(self) -> Path:
        """Where bags wait until the court has them."""
        return self.settings.data / "bags"

    def relative(self, path: Path) -> str:
        """A path below the data folder, so that the folder may move."""
        return path.resolve().relative_to(self.settings.data.resolve()).as_posix()

    def absolute(self, path: str) -> Path:
        """A kept path, wherever the data folder lies now."""
        return self.settings.data / path
