"""A recording's manifest names exactly what does not fit, and says what a crash has cost."""

import json
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import chain
from odr.errors import Refused, Tampered
from odr.recordings import entries, manifest, webm
from odr.recordings.manifest import OpenRecording, Piece

KEY = Ed25519PrivateKey.generate()


def _append(recording: OpenRecording, name: str, data: bytes, t0_ms: int) -> None:
    path = recording.folder / name
    offset = path.stat().st_size if path.exists() else 0
    with path.open("ab") as file:
        file.write(data)
    recording.segment(
        Piece(name, offset, len(data), chain.digest(data), t0_ms, t0_ms + 1000, audio=True)
    )


def _cluster(t_ms: int) -> bytes:
    return webm.cluster([webm.Block(webm.AUDIO, t_ms, key=True, data=b"x" * 50)])


@pytest.fixture
def opened(tmp_path):
    recording = OpenRecording.create(tmp_path / "room", KEY, {"session": "s"})
    _append(recording, "p1.1.webm", webm.head(None) + _cluster(0), 0)
    recording.mark("step", {"step": "rights"}, 1000)
    _append(recording, "p1.1.webm", _cluster(1000), 1000)
    recording.gap(2000, 9000, "paused")
    _append(recording, "p2.3-2.webm", webm.head(None) + _cluster(0), 9000)
    return recording


@pytest.fixture
def sealed(opened):
    opened.seal(11_000)
    return opened.folder


def _wrong(folder, key=None):
    return [(one.item, one.text) for one in manifest.verify(folder, key) if not one.ok]


def _rewrite(folder, change):
    path = folder / entries.NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))


def test_a_whole_recording_verifies_and_is_summed_up(sealed):
    assert _wrong(sealed, KEY.public_key()) == []
    found = manifest.summary(sealed)
    assert (found.duration_ms, found.sealed) == (11_000, True)
    assert [(f.file, f.seat, f.seat_epoch, f.t0_ms, f.t1_ms, f.audio) for f in found.files] == [
        ("p1.1.webm", "p1", 1, 0, 2000, True),
        ("p2.3-2.webm", "p2", 3, 9000, 10_000, True),
    ]
    assert [(m.name, m.t_ms) for m in found.marks] == [("step", 1000)]
    assert [(g.from_ms, g.to_ms, g.why) for g in found.gaps] == [(2000, 9000, "paused")]


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


def test_after_a_crash_the_torn_line_is_cut_and_the_gap_declared(opened):
    with (opened.folder / entries.NAME).open("ab") as file:
        file.write(b'{"body":{"kind":"segm')
    with (opened.folder / "p1.1.webm").open("ab") as file:
        file.write(_cluster(2000) + _cluster(3000)[:20])
    again = OpenRecording.reopen(opened.folder, KEY, t_ms=15_000)
    again.seal(16_000)
    assert _wrong(opened.folder, KEY.public_key()) == []
    kinds = [entry.kind for entry in manifest.read(opened.folder)]
    assert kinds[-4:] == ["recovered", "segment", "gap", "sealed"]
    gap = manifest.summary(opened.folder).gaps[-1]
    assert (gap.from_ms, gap.to_ms, gap.why) == (10_000, 15_000, "crash")


def test_a_sealed_or_altered_recording_is_not_reopened(sealed, opened):
    with pytest.raises(Refused):
        OpenRecording.reopen(sealed, KEY)
    _rewrite(sealed, lambda lines: [lines[0], *lines[2:]])
    with pytest.raises(Tampered):
        OpenRecording.reopen(sealed, KEY)
