"""At the start of a node every recording a crash left open is found, and nothing is repaired silently."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr.recordings import entries, manifest
from odr.recordings.manifest import OpenRecording
from odr.recordings.recovery import recover, sealed
from tests.recordings.small import KEY, cluster


def _kinds(folder):
    return [entry.kind for entry in manifest.read(folder)]


def _tear(folder):
    with (folder / entries.NAME).open("ab") as file:
        file.write(b'{"body":{"kind":"segm')
    with (folder / "p1.1.webm").open("ab") as file:
        file.write(cluster(2000) + cluster(3000)[:20])


def _states(root, key=KEY, quiet_s=0.0):
    return [(one.folder.name, one.state) for one in recover(root, key, quiet_s=quiet_s)]


def test_torn_tails_are_cut_once_and_the_manifest_says_so(opened, tmp_path):
    _tear(opened.folder)
    assert _states(tmp_path) == [("room", "repaired")]
    assert _kinds(opened.folder)[-2:] == ["recovered", "segment"]
    assert manifest.read(opened.folder)[-2].body["torn"] == 21
    assert _states(tmp_path) == [("room", "whole")]


def test_a_repaired_room_can_still_be_taken_over_and_verifies(opened, tmp_path):
    _tear(opened.folder)
    recover(tmp_path, KEY, quiet_s=0.0)
    OpenRecording.reopen(opened.folder, KEY, t_ms=15_000).seal(16_000)
    assert [one for one in manifest.verify(opened.folder, KEY.public_key()) if not one.ok] == []
    assert manifest.summary(opened.folder).gaps[-1].why == "crash"


def test_what_is_sealed_or_being_written_is_left_alone(opened, tmp_path):
    _tear(opened.folder)
    before = (opened.folder / entries.NAME).read_bytes()
    assert _states(tmp_path, quiet_s=60.0) == [("room", "live")]
    assert (opened.folder / entries.NAME).read_bytes() == before


def test_a_sealed_recording_is_not_touched(sealed, tmp_path):
    assert _states(tmp_path) == []


def test_an_altered_manifest_is_reported_and_not_repaired(opened, tmp_path):
    path = opened.folder / entries.NAME
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[::2]))
    before = path.read_bytes()
    assert _states(tmp_path) == [("room", "broken")]
    assert path.read_bytes() == before


@pytest.mark.parametrize("length", [10, 9000])
def test_the_seal_is_found_however_long_its_line(tmp_path, length):
    recording = OpenRecording.create(tmp_path / "r", Ed25519PrivateKey.generate(), {})
    recording.mark("step", {"long": "x" * length}, 0)
    assert not sealed(tmp_path / "r")
    recording.seal(0)
    assert sealed(tmp_path / "r")
    with (tmp_path / "r" / entries.NAME).open("ab") as file:
        file.write(b"torn")
    assert sealed(tmp_path / "r")
