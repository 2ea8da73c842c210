"""Whatever was done to a recording is named exactly: the line, the file, the bytes."""

import json
import shutil

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import chain
from odr.recordings import entries, manifest
from odr.sentences import sentence
from tests.recordings.small import append, cluster


def _wrong(folder, key=None):
    return [(one.item, one.text) for one in manifest.verify(folder, key) if not one.ok]


def _rewrite(folder, change):
    path = folder / entries.NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))


def test_a_flipped_byte_is_named_by_file_and_place(sealed):
    path = sealed / "p1.1.webm"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    items = _wrong(sealed)
    assert {item for item, _ in items} == {"p1.1.webm"}
    assert any("3 号" in text for _, text in items)


def test_a_cut_tail_of_the_manifest_is_named(sealed):
    _rewrite(sealed, lambda lines: lines[:-1])
    assert ["封存" in text for _, text in _wrong(sealed)] == [True]


def test_a_cut_film_is_named(sealed):
    path = sealed / "p1.1.webm"
    path.write_bytes(path.read_bytes()[:-10])
    assert {item for item, _ in _wrong(sealed)} == {"p1.1.webm"}


def test_swapped_parts_of_a_film_are_named(opened):
    append(opened, "p1.1.webm", cluster(2000), 2000)
    opened.seal(11_000)
    path = opened.folder / "p1.1.webm"
    one, two = cluster(1000), cluster(2000)
    assert one + two in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(one + two, two + one))
    wrong = _wrong(opened.folder)
    assert {item for item, _ in wrong} == {"p1.1.webm"}
    assert [any(f"{seq} 号" in text for _, text in wrong) for seq in (3, 6)] == [True, True]


def test_a_track_removed_with_its_lines_is_named(sealed):
    (sealed / "p2.3-2.webm").unlink()
    _rewrite(sealed, lambda lines: [line for line in lines[:-1] if b"p2.3-2" not in line])
    assert _wrong(sealed) == [("manifest.jsonl", sentence("recordings.check-not-sealed", "zh"))]


def test_a_track_removed_from_between_is_named(opened):
    append(opened, "p1.1.webm", cluster(2000), 12_000)
    opened.seal(14_000)
    (opened.folder / "p2.3-2.webm").unlink()
    _rewrite(opened.folder, lambda lines: [*lines[:5], *lines[6:]])
    assert "manifest.jsonl#6" in {item for item, _ in _wrong(opened.folder)}


def test_swapped_entries_are_named(sealed):
    _rewrite(sealed, lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]])
    assert {"manifest.jsonl#3", "manifest.jsonl#2"} <= {item for item, _ in _wrong(sealed)}


def test_a_removed_file_is_named(sealed):
    (sealed / "p2.3-2.webm").unlink()
    assert [item for item, _ in _wrong(sealed)] == ["p2.3-2.webm"]


def test_a_file_put_in_is_named(sealed):
    shutil.copy(sealed / "p1.1.webm", sealed / "p9.1.webm")
    assert [item for item, _ in _wrong(sealed)] == ["p9.1.webm"]


def test_an_invented_gap_is_named_even_with_a_fitting_chain(sealed):
    stranger = Ed25519PrivateKey.generate()

    def invent(lines):
        before = entries.parse(lines[2])
        body = {"kind": "gap", "from_ms": 700, "to_ms": 800, "why": "crash"}
        return [*lines[:3], entries.following(before, body, 800, stranger).line(), *lines[3:]]

    _rewrite(sealed, invent)
    wrong = _wrong(sealed)
    assert ("manifest.jsonl#3", "第 3 号记录（gap）没有录制者的有效签名。") in wrong


def test_a_gap_over_recorded_time_is_named(opened):
    opened.gap(0, 9000, "crash")
    opened.seal(11_000)
    assert [item for item, _ in _wrong(opened.folder)] == ["manifest.jsonl#6"]


def test_a_changed_mark_is_named(sealed):
    def change(lines):
        raw = json.loads(lines[2])
        raw["body"]["body"]["step"] = "signing"
        return [*lines[:2], chain.canonical(raw) + b"\n", *lines[3:]]

    _rewrite(sealed, change)
    assert _wrong(sealed)[0] == (
        "manifest.jsonl#2",
        "第 2 号记录（mark）的内容与其哈希不符。",
    )


def test_another_recorders_key_is_named(sealed):
    stranger = Ed25519PrivateKey.generate().public_key()
    assert _wrong(sealed, stranger)[0][1] == "清单里的公钥不是录制者的公钥。"
