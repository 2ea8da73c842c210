"""A bag with the optional SM2/SM3 counter-signature, and what is tried with it."""

from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest

from odr.archive.bag import COUNTER, COUNTER_KEY, Contents, Item, write_bag
from odr.archive.bagcheck import check_bag
from odr.settlement.authority import Authority
from odr.settlement.countersign import LABEL, CounterKey
from tests.archive.forging import clerk

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ITEMS = [Item("data/a/film.mp4", b"film"), Item("metadata/case.json", b"{}")]


@pytest.fixture
def countersigned(tmp_path: Path) -> Path:
    key = CounterKey(tmp_path / "secrets", "hush")
    house = Authority.load(tmp_path / "secrets", "中心", counter=key)
    write_bag(tmp_path / "bag", Contents(ITEMS, {}), house, NOW)
    return tmp_path / "bag"


def bad(folder: Path) -> list[str]:
    return [one.item for one in check_bag(folder)[1] if not one.ok]


def test_it_is_checked_by_us_by_the_clerk_and_minded_by_no_validator(countersigned: Path) -> None:
    assert bad(countersigned) == []
    assert any(LABEL in one.text for one in check_bag(countersigned)[1])
    code, said = clerk(countersigned)
    assert code == 0, said
    assert f"OK   {LABEL}" in said
    bagit.Bag(str(countersigned)).validate()


def test_torn_off_it_is_missed(countersigned: Path) -> None:
    (countersigned / COUNTER).unlink()
    assert bad(countersigned) == [COUNTER]
    assert clerk(countersigned)[0] == 1


def test_replaced_it_does_not_fit(countersigned: Path, tmp_path: Path) -> None:
    forged = CounterKey(tmp_path / "other", "x").sign(b"another manifest")
    (countersigned / COUNTER).write_bytes(forged)
    assert bad(countersigned) == [COUNTER]
    assert clerk(countersigned)[0] == 1


def test_with_a_key_of_somebody_else_the_manifest_tells(
    countersigned: Path, tmp_path: Path
) -> None:
    other = CounterKey(tmp_path / "other", "x")
    manifest = (countersigned / "tagmanifest-sha256.txt").read_bytes()
    (countersigned / COUNTER).write_bytes(other.sign(manifest))
    (countersigned / COUNTER_KEY).write_bytes(other.public_pem())
    assert bad(countersigned) == [COUNTER_KEY]
    assert clerk(countersigned)[0] == 1


def test_where_it_is_off_such_a_file_is_one_too_many(tmp_path: Path) -> None:
    house = Authority.load(tmp_path / "secrets", "中心")
    write_bag(tmp_path / "bag", Contents(ITEMS, {}), house, NOW)
    assert not (tmp_path / "bag" / COUNTER).exists()
    assert not (tmp_path / "bag" / COUNTER_KEY).exists()
    (tmp_path / "bag" / COUNTER).write_bytes(b"x")
    assert bad(tmp_path / "bag") == [COUNTER]
    assert clerk(tmp_path / "bag")[0] == 1
