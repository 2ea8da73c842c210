import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest

from odr import chain
from odr.archive import bag as bags
from odr.archive.verify import verify_command, verify_path
from odr.errors import Refused
from odr.settlement.authority import Authority


def bad(path: Path) -> list[str]:
    return [one.item for one in verify_path(path) if not one.ok]


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    put(path, bytes(data))


def manifests_again(folder: Path) -> None:
    """What a forger can do without a key: write both manifests anew."""
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    payload = [name for name in names if name.startswith("data/")]
    total = sum((folder / name).stat().st_size for name in payload)
    info = (folder / "bag-info.txt").read_text("utf-8").splitlines()
    info = [line for line in info if not line.startswith("Payload-Oxum")]
    put(
        folder / "bag-info.txt",
        "\n".join([*info, f"Payload-Oxum: {total}.{len(payload)}", ""]).encode(),
    )

    def lines(listed: list[str]) -> bytes:
        return "".join(f"{chain.digest((folder / n).read_bytes())}  {n}\n" for n in listed).encode()

    put(folder / bags.MANIFEST, lines(payload))
    tags = [name for name in names if not name.startswith("data/") and name not in bags.LOOSE]
    put(folder / bags.TAG_MANIFEST, lines(tags))


def clerk(folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", "verify/clerk.sh", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_a_good_bag_fits(bag: Path, authority: Authority) -> None:
    findings = verify_path(bag, [authority.root_pem()])
    assert [one for one in findings if not one.ok] == []
    items = {one.item for one in findings}
    assert {bags.SIGNATURE, bags.STAMP, "data/documents/agreement.pdf"} <= items
    lines, code = verify_command(bag)
    assert code == 0
    assert all(line.startswith("ok ") for line in lines)


def test_an_independent_validator_accepts_it(bag: Path) -> None:
    bagit.Bag(str(bag)).validate()
    assert bagit.Bag(str(bag)).version == "1.0"


def test_the_clerk_needs_only_openssl(bag: Path, authority: Authority) -> None:
    code, said = clerk(bag)
    assert code == 0, said
    assert authority.fingerprint in said
    assert clerk(bag, authority.fingerprint)[0] == 0
    assert clerk(bag, "00" * 32)[0] == 1


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
    lines, code = verify_command(copy)
    assert code == 1
    assert any(line.startswith(f"BAD  {name}") for line in lines)
    if name != "verify/clerk.sh":
        assert clerk(copy)[0] == 1


def test_a_flipped_tag_manifest_breaks_the_signature(copy: Path) -> None:
    flip(copy / bags.TAG_MANIFEST)
    assert bags.SIGNATURE in bad(copy)
    assert clerk(copy)[0] == 1


@pytest.mark.parametrize("name", FILES[::4])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert any(item == name or name in item for item in bad(copy))


@pytest.mark.parametrize("name", ["data/extra.txt", "extra.txt", "metadata/.hidden"])
def test_an_extra_file_is_named(copy: Path, name: str) -> None:
    put(copy / name, b"more")
    assert name in bad(copy)
    assert clerk(copy)[0] == 1


def test_a_link_is_named_and_not_followed(copy: Path, tmp_path: Path) -> None:
    target = copy / "data/evidence/01.png"
    shutil.move(target, tmp_path / "outside.png")
    target.symlink_to(tmp_path / "outside.png")
    assert "data/evidence/01.png" in bad(copy)
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
    assert bags.MANIFEST in bad(copy)


def test_a_double_line_is_named(copy: Path) -> None:
    manifest = copy / bags.MANIFEST
    put(manifest, manifest.read_bytes() + manifest.read_bytes().splitlines(keepends=True)[0])
    assert bags.MANIFEST in bad(copy)


def test_manifests_written_anew_break_the_signature(copy: Path) -> None:
    flip(copy / "data/minutes/room-1.pdf")
    manifests_again(copy)
    assert bagit.Bag(str(copy)).is_valid()
    assert sorted(bad(copy)) == ["data/minutes/room-1.pdf", bags.SIGNATURE]
    assert clerk(copy)[0] == 1


def sealed_again(folder: Path, authority: Authority) -> None:
    """A forger with keys of her own seals everything anew."""
    put(folder / "verify/root.pem", authority.root_pem())
    manifests_again(folder)
    data = (folder / bags.TAG_MANIFEST).read_bytes()
    put(folder / bags.SIGNATURE, authority.sign_cms(data))
    digest = bytes.fromhex(chain.digest((folder / bags.SIGNATURE).read_bytes()))
    put(folder / bags.STAMP, authority.stamp(digest, datetime.now(UTC)))


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
