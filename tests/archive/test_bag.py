from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest

from odr import chain
from odr.archive.bag import TAG_MANIFEST, Contents, Item, write_bag
from odr.errors import Refused
from odr.settlement.authority import Authority
from tests.archive.forging import bad_outside, clerk

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def test_an_independent_validator_accepts_it(bag: Path) -> None:
    bagit.Bag(str(bag)).validate()
    assert bagit.Bag(str(bag)).version_info == (1, 0)


def test_the_clerk_needs_only_openssl(bag: Path, authority: Authority) -> None:
    code, said = clerk(bag)
    assert code == 0, said
    assert authority.fingerprint in said
    assert clerk(bag, authority.fingerprint)[0] == 0
    assert clerk(bag, "00" * 32)[0] == 1


def test_a_bag_is_written_whole(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "film").write_bytes(b"film")
    items = [Item("data/a/film.mp4", tmp_path / "film"), Item("metadata/case.json", b"{}")]
    contents = Contents(items, {"External-Identifier": "（2026）浙0304民调00001号\n2"})
    digest = write_bag(tmp_path / "bag", contents, authority, NOW)
    assert digest == chain.digest((tmp_path / "bag" / TAG_MANIFEST).read_bytes())
    info = (tmp_path / "bag" / "bag-info.txt").read_text("utf-8")
    assert info.splitlines() == [
        "External-Identifier: （2026）浙0304民调00001号 2",
        "Bagging-Date: 2026-11-25",
        "Payload-Oxum: 4.1",
    ]
    assert bad_outside(tmp_path / "bag") == []
    assert not (tmp_path / "bag.part").exists()


@pytest.mark.parametrize(
    "name", ["data/../x", "/etc/x", "data/名.pdf", "data/a b", "data", "data//x"]
)
def test_a_name_that_others_might_misread_is_refused(
    tmp_path: Path, authority: Authority, name: str
) -> None:
    with pytest.raises(Refused):
        write_bag(tmp_path / "bag", Contents([Item(name, b"")], {}), authority, NOW)
    assert not (tmp_path / "bag").exists()
