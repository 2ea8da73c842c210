from pathlib import Path

import pytest

from odr.archive.folder import INCOMING, FolderStore
from odr.archive.store import Parcel
from odr.errors import NotFound, Unavailable
from tests.archive.test_store_contract import NOW, UNTIL, parcel


def test_half_written_parcels_of_a_killed_worker_are_swept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "court")
    left = store.root / INCOMING / "case-1+dead"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"x")
    store.put_once(parcel(tmp_path / "bag"))
    assert list((store.root / INCOMING).iterdir()) == []
    assert store.names() == ["case-1"]


def test_a_store_whose_disk_is_not_mounted_is_away(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "not-mounted" / "court")
    with pytest.raises(Unavailable):
        store.put_once(parcel(tmp_path / "bag"))
    assert not store.root.exists()


def test_a_link_inside_the_store_is_not_followed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "court")
    store.put_once(Parcel("case-1", parcel(tmp_path / "bag").folder, UNTIL, NOW))
    home = store.root / "case-1"
    home.chmod(0o700)
    (home / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(NotFound):
        store.open("case-1", "out")
