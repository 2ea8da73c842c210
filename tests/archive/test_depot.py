from pathlib import Path

import pytest

from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.settings import Settings
from odr.settlement.authority import Authority
from tests.archive.conftest import NOW


def depot(data: Path, authority: Authority) -> Depot:
    settings = Settings(data=data, database_url="sqlite://")
    return Depot(settings, authority, FolderStore(data / "store"), lambda: NOW)


def test_a_kept_path_outlives_a_move_of_the_data(tmp_path: Path, authority: Authority) -> None:
    kept = depot(tmp_path / "old", authority).relative(tmp_path / "old" / "files" / "a.mp4")
    assert kept == "files/a.mp4"
    assert depot(tmp_path / "new", authority).absolute(kept) == tmp_path / "new" / "files" / "a.mp4"


def test_a_path_outside_the_data_is_not_kept(tmp_path: Path, authority: Authority) -> None:
    with pytest.raises(ValueError, match="subpath"):
        depot(tmp_path / "data", authority).relative(tmp_path / "elsewhere")
