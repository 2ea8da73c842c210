"""A recording is summed up from its manifest, and says what a crash has cost."""

import pytest

from odr.errors import Refused, Tampered
from odr.recordings import entries, manifest
from odr.recordings.manifest import OpenRecording
from tests.recordings.small import KEY, cluster


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


def test_after_a_crash_the_torn_line_is_cut_and_the_gap_declared(opened):
    with (opened.folder / entries.NAME).open("ab") as file:
        file.write(b'{"body":{"kind":"segm')
    with (opened.folder / "p1.1.webm").open("ab") as file:
        file.write(cluster(2000) + cluster(3000)[:20])
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


def test_a_writer_that_was_overtaken_writes_nothing_more(opened):
    newer = OpenRecording.reopen(opened.folder, KEY)
    before = (opened.folder / entries.NAME).read_bytes()
    with pytest.raises(Refused) as refused:
        opened.mark("step", {}, 12_000)
    assert refused.value.key == "recordings.fenced"
    assert (opened.folder / entries.NAME).read_bytes() == before
    newer.seal(12_000)
    assert _wrong(opened.folder) == []
