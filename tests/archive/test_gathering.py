import json
from uuid import UUID

import pytest

from odr import audit
from odr.archive import contents, gathering
from odr.cases.models import Case
from odr.db import transaction
from odr.errors import Tampered
from tests.archive.conftest import Archive
from tests.archive.test_films import depot


def gathered(archive: Archive) -> gathering.Gathered:
    with transaction() as session:
        case = session.get(Case, UUID(archive.payload["case"]))
        assert case is not None
        found = gathering.gather(session, depot(archive), case)
        gathering.add_audit(session, depot(archive), case.id, found)
    return found


def test_the_documents_the_recording_and_the_rows_are_gathered(archive: Archive) -> None:
    found = gathered(archive)
    names = {item.name for item in found.items}
    assert {contents.AGREEMENT, contents.AUDIT, contents.CASE} <= names
    assert {"data/minutes/room-1.pdf", "data/recordings/room-1/manifest.jsonl"} <= names
    (case,) = [item for item in found.items if item.name == contents.CASE]
    with case.open() as file:
        told = json.load(file)
    assert told["agreement"]["sha256"] == found.hashes[contents.AGREEMENT]


def test_the_hashes_stand_in_the_audit(archive: Archive) -> None:
    found = gathered(archive)
    with transaction() as session:
        rows = audit.of_case(session, UUID(archive.payload["case"]))
    assert rows[-1].action == contents.GATHERED
    assert (rows[-1].body or {})["files"] == dict(sorted(found.hashes.items()))


def test_a_broken_recording_is_not_gathered(archive: Archive) -> None:
    track = archive.settings.recordings_dir / "room-1" / "a1.1.webm"
    data = bytearray(track.read_bytes())
    data[len(data) // 2] ^= 1
    track.write_bytes(bytes(data))
    with pytest.raises(Tampered) as refused:
        gathered(archive)
    assert "a1.1.webm" in str(refused.value)
