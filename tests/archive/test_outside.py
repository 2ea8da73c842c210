"""A bag that an authority outside has stamped as well, and what is tried with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import bagit
import pytest

from odr.archive import checkpoints, ledger
from odr.archive.bag import OUTSIDE, OUTSIDE_ROOTS, Contents, Item, write_bag
from odr.archive.bagcheck import check_bag
from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.archive.note import Signer
from odr.archive.store import Parcel
from odr.db import reading
from odr.errors import Unavailable
from odr.settlement.authority import Authority
from odr.settlement.timestamps import OutsideTsa
from tests.archive.forging import clerk
from tests.archive.test_checkpoints import cut
from tests.settlement.test_timestamps import Provider, provider, serving

__all__ = ["provider", "serving"]  # fixtures
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
CONTENTS = Contents([Item("data/a/film.mp4", b"film"), Item("metadata/case.json", b"{}")], {})


@pytest.fixture
def stamped(tmp_path: Path, provider: Provider) -> Path:
    house = Authority.load(tmp_path / "secrets", "中心", outside=provider.tsa())
    write_bag(tmp_path / "bag", CONTENTS, house, NOW)
    return tmp_path / "bag"


def bad(folder: Path) -> list[str]:
    return [one.item for one in check_bag(folder)[1] if not one.ok]


def test_it_is_checked_by_us_by_the_clerk_and_minded_by_no_validator(stamped: Path) -> None:
    assert bad(stamped) == []
    assert any("outside authority" in one.text for one in check_bag(stamped)[1])
    code, said = clerk(stamped)
    assert code == 0, said
    assert "OK   外部时间戳" in said
    bagit.Bag(str(stamped)).validate()


def test_torn_off_it_is_missed(stamped: Path) -> None:
    (stamped / OUTSIDE).unlink()
    assert bad(stamped) == [OUTSIDE]
    assert clerk(stamped)[0] == 1


def test_a_stamp_over_something_else_is_named(stamped: Path, provider: Provider) -> None:
    (stamped / OUTSIDE).write_bytes(provider.tsa().token(b"x" * 32))
    assert bad(stamped) == [OUTSIDE]
    assert clerk(stamped)[0] == 1


def test_roots_of_somebody_else_are_named_by_the_manifest(stamped: Path) -> None:
    (stamped / OUTSIDE_ROOTS).write_bytes((stamped / "verify/root.pem").read_bytes())
    assert bad(stamped) == [OUTSIDE_ROOTS, OUTSIDE]
    assert clerk(stamped)[0] == 1


def test_while_the_authority_is_away_no_bag_is_made(tmp_path: Path, provider: Provider) -> None:
    away = OutsideTsa("http://127.0.0.1:9/", provider.tsa().roots)
    house = Authority.load(tmp_path / "secrets", "中心", outside=away)
    with pytest.raises(Unavailable):
        write_bag(tmp_path / "bag", CONTENTS, house, NOW)
    assert not (tmp_path / "bag").exists()
    again = Authority.load(tmp_path / "secrets", "中心", outside=provider.tsa())
    write_bag(tmp_path / "bag", CONTENTS, again, NOW)
    assert bad(tmp_path / "bag") == []


@pytest.fixture
def depot(database, tmp_path: Path, provider: Provider) -> Depot:
    house = Authority.load(tmp_path / "house", "中心", outside=provider.tsa())
    return Depot(database, house, FolderStore(database.store_path), lambda: NOW)


def found(depot: Depot) -> list[str]:
    """What does not fit in the log, by whom it was said."""
    outside = depot.authority.outside_roots()
    trust = ledger.Trust(Signer.load(depot.settings.secrets_dir).verifier, outside=outside)
    with reading() as session:
        papers = ledger.papers_of(session, depot.store)
        findings = ledger.examine(ledger.rows_of(session), papers, trust)
    return [one.item for one in findings if not one.ok]


def test_a_checkpoint_goes_to_the_store_with_the_stamp_from_outside(depot: Depot) -> None:
    cut(depot, 3)
    assert checkpoints.keep(depot) == 1
    (name,) = depot.store.names()
    with depot.store.open(name, checkpoints.OUTSIDE) as file:
        assert file.read()
    assert found(depot) == []


def test_a_checkpoint_with_the_stamp_of_another_one_is_named(
    depot: Depot, provider: Provider, tmp_path: Path
) -> None:
    made = cut(depot, 3)
    files = checkpoints.files_of(depot, made)
    files[checkpoints.OUTSIDE] = provider.tsa().token(b"x" * 32)
    folder = tmp_path / "parcel"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    name = checkpoints.name_of(made.size)
    depot.store.put_once(Parcel(name, folder, NOW + timedelta(days=1), NOW))
    assert found(depot) == [f"store {name}"]


def test_while_the_authority_is_away_checkpoints_wait_and_lose_nothing(
    depot: Depot, provider: Provider
) -> None:
    cut(depot, 3)
    provider.behave = lambda _query: (503, b"")
    with pytest.raises(Unavailable):
        checkpoints.keep(depot)
    assert depot.store.names() == []
    provider.behave = None
    cut(depot, 2)
    assert checkpoints.keep(depot) == 2
    assert found(depot) == []
