import shutil
from pathlib import Path

import bagit
import pytest

from odr.archive import bag as bags
from odr.archive import metadata
from tests.archive.forging import bad_outside, clerk, flip, manifests_again, put

FILES = [
    "data/documents/agreement.pdf",
    "data/minutes/room-1.pdf",
    "data/recordings/room-1/manifest.jsonl",
    "data/recordings/room-1/a1.1.webm",
    "data/recordings/room-1/snapshots/a1.jpg",
    "data/films/room-1-composite.mp4",
    "data/evidence/01.png",
    "data/audit/audit.jsonl",
    "metadata/case.json",
    "verify/clerk.sh",
    "verify/root.pem",
    "verify/README.txt",
    "bag-info.txt",
    "bagit.txt",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt.p7s",
    "tagmanifest-sha256.txt.p7s.tsr",
]


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_names_its_file(copy: Path, name: str) -> None:
    flip(copy / name)
    assert name in bad_outside(copy)
    if name != "verify/clerk.sh":
        assert clerk(copy)[0] == 1


def test_a_flipped_tag_manifest_breaks_the_signature(copy: Path) -> None:
    flip(copy / bags.TAG_MANIFEST)
    assert bags.SIGNATURE in bad_outside(copy)
    assert clerk(copy)[0] == 1


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert any(item == name or name in item for item in bad_outside(copy))


@pytest.mark.parametrize("name", ["data/extra.txt", "extra.txt", "metadata/.hidden"])
def test_an_extra_file_is_named(copy: Path, name: str) -> None:
    put(copy / name, b"more")
    assert name in bad_outside(copy)
    assert clerk(copy)[0] == 1


def test_a_link_is_named_and_not_followed(copy: Path, tmp_path: Path) -> None:
    target = copy / "data/evidence/01.png"
    shutil.move(target, tmp_path / "outside.png")
    target.symlink_to(tmp_path / "outside.png")
    assert "data/evidence/01.png" in bad_outside(copy)
    assert clerk(copy)[0] == 1


@pytest.mark.parametrize(
    "line",
    [
        b"0" * 64 + b"  data/../../outside\n",
        b"0" * 64 + b"  /etc/hostname\n",
        b"0" * 64 + b"  bag-info.txt\n",
        b"0" * 63 + b"  data/x\n",
        b"\xff\xfe\n",
        b"0" * 64 + b"  data\\x\n",
    ],
)
def test_a_hostile_line_is_named(copy: Path, line: bytes) -> None:
    manifest = copy / bags.MANIFEST
    put(manifest, manifest.read_bytes() + line)
    assert bags.MANIFEST in bad_outside(copy)


def test_a_double_line_is_named(copy: Path) -> None:
    manifest = copy / bags.MANIFEST
    put(manifest, manifest.read_bytes() + manifest.read_bytes().splitlines(keepends=True)[0])
    assert bags.MANIFEST in bad_outside(copy)


def test_manifests_written_anew_break_the_signature(copy: Path) -> None:
    flip(copy / "data/minutes/room-1.pdf")
    manifests_again(copy)
    assert bagit.Bag(str(copy)).is_valid()
    assert bad_outside(copy) == [bags.SIGNATURE]
    assert clerk(copy)[0] == 1


def test_a_wrong_tree_is_named(copy: Path) -> None:
    put(copy / metadata.MERKLE, b'{"root": "00", "size": 1}')
    assert metadata.MERKLE in bad_outside(copy)


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b"\xff"])
def test_a_hostile_tree_is_named(copy: Path, content: bytes) -> None:
    put(copy / metadata.MERKLE, content)
    assert metadata.MERKLE in bad_outside(copy)
