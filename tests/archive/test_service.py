import base64
import json
import shutil
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from odr import audit, chain, jobs, sentences
from odr.archive import proof, service
from odr.archive.depot import Depot
from odr.archive.models import Deposit
from odr.archive.verify import verify_path
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.errors import Tampered, Unavailable
from odr.mediation.models import Film
from odr.mediation.models import Session as Sitting
from tests.archive.conftest import Archive


def deposit(archive: Archive) -> Deposit:
    with reading() as session:
        case_id = UUID(archive.payload["case"])
        row = session.scalars(select(Deposit).where(Deposit.case_id == case_id)).one()
        session.expunge(row)
        return row


def actions(archive: Archive) -> list[str]:
    with reading() as session:
        return [row.action for row in audit.of_case(session, UUID(archive.payload["case"]))]


def test_a_closed_case_goes_to_the_court(archive: Archive) -> None:
    assert archive.work() == ["close-out", "film", "bag", "deposit", "angles"]
    row = deposit(archive)
    assert row.status == service.VERIFIED
    assert all(one.ok for one in verify_path(archive.kept))
    with reading() as session:
        case = session.get(Case, UUID(archive.payload["case"]))
        assert (case.status, case.archived_at is not None) == ("ARCHIVED", True)
        films = list(session.scalars(select(Film)))
        assert sorted(film.seat_key for film in films) == ["", "a1", "m"]
        assert all((archive.settings.data / film.path).is_file() for film in films)
        assert session.scalar(select(jobs.Job).where(jobs.Job.kind == "fixity")) is not None
    assert list((archive.settings.data / "bags").iterdir()) == []
    assert {"archive:gathered", "archive:bagged", "archive:received"} <= set(actions(archive))


def test_what_lies_in_the_bag(archive: Archive) -> None:
    archive.work()
    names = {p.relative_to(archive.kept).as_posix() for p in archive.kept.rglob("*") if p.is_file()}
    assert {
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
    } <= names
    told = json.loads((archive.kept / "metadata/case.json").read_bytes())
    assert told["case_no"] == "（2026）浙0304民调00001号"


def test_the_receipt_is_signed(archive: Archive) -> None:
    archive.work()
    receipt = dict(deposit(archive).receipt)
    signature = base64.b64decode(receipt.pop("signature"))
    root = proof.Root.from_pem(archive.doors.authority.root_pem())
    assert proof.check_signature(chain.canonical(receipt), signature, root)
    receipt["size"] += 1
    with pytest.raises(Tampered):
        proof.check_signature(chain.canonical(receipt), signature, root)


def test_every_stage_may_be_done_twice(archive: Archive) -> None:
    handlers = archive.handlers()
    for kind in ("close-out", "film", "bag", "deposit", "angles"):
        handlers[kind](archive.payload)
        handlers[kind](archive.payload)
    assert actions(archive).count("film:made") == 3
    assert actions(archive).count("archive:received") == 1
    assert len(archive.doors.store.names()) == 1


def test_a_worker_killed_between_bag_and_row_costs_only_time(archive: Archive) -> None:
    handlers = archive.handlers()
    for kind in ("close-out", "film", "bag"):
        handlers[kind](archive.payload)
    folder = archive.settings.data / deposit(archive).bag
    made = folder.stat().st_ino
    with transaction() as session:
        session.scalars(select(Deposit)).one().status = service.WAITING
    handlers["bag"](archive.payload)
    assert folder.stat().st_ino == made
    handlers["deposit"](archive.payload)
    assert deposit(archive).status == service.VERIFIED


def test_half_a_bag_is_thrown_away(archive: Archive) -> None:
    handlers = archive.handlers()
    handlers["close-out"](archive.payload)
    with reading() as session:
        case = session.get(Case, UUID(archive.payload["case"]))
        depot = Depot(archive.settings, archive.doors.authority, archive.doors.store, archive.tick)
        folder = service.bag_folder(depot, case)
    half = folder.with_name(f"{folder.name}.part")
    half.mkdir(parents=True)
    (half / "rubbish").write_text("half")
    handlers["film"](archive.payload)
    handlers["bag"](archive.payload)
    assert not half.exists()
    assert not (folder / "rubbish").exists()


def test_a_store_that_is_away_is_tried_again(archive: Archive) -> None:
    handlers = archive.handlers()
    for kind in ("close-out", "film", "bag"):
        handlers[kind](archive.payload)
    (archive.settings.store_path).write_text("no folder")
    with pytest.raises(Unavailable):
        handlers["deposit"](archive.payload)
    assert deposit(archive).status == service.BAGGED
    archive.settings.store_path.unlink()
    handlers["deposit"](archive.payload)
    assert deposit(archive).status == service.VERIFIED


def spoil(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_changed_source_stops_the_hand_over(archive: Archive) -> None:
    archive.handlers()["close-out"](archive.payload)
    spoil(archive.settings.files_dir / "evidence" / "note.png")
    archive.handlers()["film"](archive.payload)
    with pytest.raises(Tampered, match="evidence/01"):
        archive.handlers()["bag"](archive.payload)
    assert deposit(archive).status == service.WAITING


def test_a_lost_recording_stops_the_hand_over(archive: Archive) -> None:
    shutil.rmtree(archive.settings.recordings_dir / "room-1")
    for kind in ("close-out", "film"):
        archive.handlers()[kind](archive.payload)
    with pytest.raises(Tampered, match="room-1"):
        archive.handlers()["bag"](archive.payload)


def test_what_was_never_recorded_goes_without_a_film(archive: Archive) -> None:
    shutil.rmtree(archive.settings.recordings_dir / "room-1")
    with transaction() as session:
        session.scalars(select(Sitting)).one().head = ""
    archive.work()
    assert deposit(archive).status == service.VERIFIED
    assert not (archive.kept / "data/films").exists()


def test_fixity_finds_what_has_vanished_or_changed(archive: Archive) -> None:
    archive.work()
    handlers = archive.handlers()
    handlers["fixity"]({})
    assert "archive:fixity" in actions(archive)
    spoil(archive.kept / "data/evidence/01.png")
    with pytest.raises(Tampered, match="data/evidence/01"):
        handlers["fixity"]({})
    assert actions(archive)[-1] == "archive:damaged"


def test_fixity_has_nothing_to_do_at_first(archive: Archive) -> None:
    archive.handlers()["fixity"]({})
    assert "archive:fixity" not in actions(archive)


def test_every_kind_of_job_has_words_for_the_clerk(archive):
    known = sentences.catalogue()
    assert [kind for kind in archive.handlers() if f"desk.job-{kind}" not in known] == []
