import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from odr import chain
from odr.archive import bag as bags
from odr.archive.verify import verify_command, verify_path
from odr.errors import Refused
from odr.settlement.authority import Authority
from tests.archive.forging import bad, clerk, flip, put, sealed_again


def test_a_good_bag_fits(bag: Path, authority: Authority) -> None:
    findings = verify_path(bag, [authority.root_pem()])
    assert [one for one in findings if not one.ok] == []
    items = {one.item for one in findings}
    assert {bags.SIGNATURE, bags.STAMP, "data/documents/agreement.pdf"} <= items
    lines, code = verify_command(bag)
    assert code == 0
    assert all(line.startswith("ok ") for line in lines)


@pytest.mark.parametrize(
    "name", ["data/documents/agreement.pdf", "data/recordings/room-1/a1.1.webm", "bagit.txt"]
)
def test_one_flipped_byte_names_its_file(copy: Path, name: str) -> None:
    flip(copy / name)
    lines, code = verify_command(copy)
    assert code == 1
    assert any(line.startswith(f"BAD  {name}") for line in lines)


def test_a_foreign_authority_is_seen_by_its_fingerprint(
    copy: Path, authority: Authority, tmp_path: Path
) -> None:
    forger = Authority.load(tmp_path / "forger", authority.organisation)
    sealed_again(copy, forger)
    findings = verify_path(copy, [authority.root_pem()])
    wrong = {one.item for one in findings if not one.ok}
    assert {"verify/root.pem", "data/documents/agreement.pdf platform"} <= wrong
    assert clerk(copy, authority.fingerprint)[0] == 1


Rows = list[dict[str, object]]


def _change(rows: Rows) -> Rows:
    rows[0]["body"] = {"other": 1}
    return rows


def _actor(rows: Rows) -> Rows:
    rows[-1]["actor"] = "person:1"
    return rows


def _fork(rows: Rows) -> Rows:
    rows[1]["prev"] = "1" * 64
    return rows


FORGERIES: dict[str, Callable[[Rows], Rows]] = {
    "changed": _change,
    "other actor": _actor,
    "forked": _fork,
    "reordered": lambda rows: rows[::-1],
    "first left out": lambda rows: rows[1:],
    "last left out": lambda rows: rows[:-1],
    "doubled": lambda rows: [*rows, rows[-1]],
    "other case": lambda rows: [row | {"case": "x"} for row in rows],
    "no rows": lambda _rows: [],
    "not rows": lambda _rows: [{"seq": 1}],
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_forged_rows_are_found_even_under_the_real_seal(
    copy: Path, authority: Authority, kind: str
) -> None:
    path = copy / "data/audit/audit.jsonl"
    rows = FORGERIES[kind]([json.loads(line) for line in path.read_bytes().splitlines()])
    put(path, b"".join(chain.canonical(row) + b"\n" for row in rows))
    sealed_again(copy, authority)
    assert bad(copy), kind


@pytest.mark.parametrize(
    "name", ["data/films/room-1-composite.mp4", "data/minutes/room-1.pdf", "data/evidence/01.png"]
)
def test_what_was_swapped_before_sealing_is_found_by_the_audit(
    copy: Path, authority: Authority, name: str
) -> None:
    flip(copy / name)
    sealed_again(copy, authority)
    assert bad(copy) == [name]


def test_a_recording_cut_at_its_end_is_found(copy: Path, authority: Authority) -> None:
    path = copy / "data/recordings/room-1/manifest.jsonl"
    put(path, b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    sealed_again(copy, authority)
    found = bad(copy)
    assert any(item.startswith("data/recordings/") for item in found)


def test_a_recording_alone(recording: tuple[Path, str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(recording[0], tmp_path / "room"))
    assert bad(folder) == []
    flip(folder / "m.1.webm")
    assert "m.1.webm" in bad(folder)
    put(folder / "manifest.jsonl", b'{"body":{"kind":"segment"}}\n')
    assert bad(folder)


def test_an_agreement_alone(agreement: bytes, tmp_path: Path, authority: Authority) -> None:
    path = tmp_path / "agreement.pdf"
    path.write_bytes(agreement)
    assert [one for one in verify_path(path, [authority.root_pem()]) if not one.ok] == []
    flip(path)
    assert verify_command(path)[1] == 1


@pytest.mark.parametrize("name", ["nothing", "note.txt", "folder"])
def test_anything_else_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refused):
        verify_path(tmp_path / name)


@pytest.mark.parametrize("name", ["", "data/documents/agreement.pdf"])
def test_a_pinned_root_is_given_as_a_file_or_as_a_fingerprint(
    bag: Path, authority: Authority, tmp_path: Path, name: str
) -> None:
    root, other = tmp_path / "root.pem", Authority.load(tmp_path / "other", "另一家")
    root.write_bytes(authority.root_pem())
    foreign = tmp_path / "foreign.pem"
    foreign.write_bytes(other.root_pem())
    colons = ":".join(re.findall("..", authority.fingerprint.upper()))
    for trust in (str(root), authority.fingerprint, colons):
        assert verify_command(bag / name, trust)[1] == 0
    for trust in (str(foreign), other.fingerprint):
        assert verify_command(bag / name, trust)[1] == 1
    with pytest.raises(Refused):
        verify_command(bag / name, "no such root")
