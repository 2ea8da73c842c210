from uuid import UUID

import pytest
from sqlalchemy import select

from odr.archive import personal
from odr.archive.depot import Depot
from odr.cases.models import Case, Evidence
from odr.db import reading, transaction
from odr.law.retention import rules
from odr.mediation.models import Film, Note, Seat
from odr.mediation.models import Session as Sitting
from odr.settlement.models import Agreement, Signature
from tests.archive.conftest import NOW


@pytest.fixture
def depot(archive) -> Depot:
    doors = archive.doors
    return Depot(archive.settings, doors.authority, doors.store, archive.tick)


def test_every_rule_that_starts_with_a_case_knows_how_it_goes():
    assert {rule.kind for rule in rules() if rule.start != "made"} == set(personal.BY_KIND)


def test_the_recording_folder_goes_and_nothing_else(archive, depot):
    with transaction() as session:
        case = session.get(Case, UUID(archive.payload["case"]))
        taken = personal.recordings(session, depot, case)
    assert taken.counts == {"recording": 1}
    assert taken.paths == [archive.settings.recordings_dir / "room-1"]


def test_the_words_of_the_room_go_and_their_number_stays(archive, depot):
    with transaction() as session:
        case = session.get(Case, UUID(archive.payload["case"]))
        sitting = session.scalars(select(Sitting)).one()
        note = {"kind": "chat", "by_label": "陈建国", "text": "我没钱", "at": NOW}
        session.add_all([Note(session_id=sitting.id, **note) for _ in range(2)])
        session.flush()
        assert personal.room_talk(session, depot, case).counts == {"note": 2}
    with reading() as session:
        assert {row.text for row in session.scalars(select(Note))} == {""}


def test_all_that_is_personal_goes(archive, depot):
    archive.work()
    with transaction() as session:
        case = session.get(Case, UUID(archive.payload["case"]))
        paper = session.scalars(select(Agreement.id)).one()
        signed = {"number": 1, "field": "party-1", "name": "陈建国", "status": "signed"}
        session.add(Signature(agreement_id=paper, evidence={"strokes": [[1]]}, **signed))
        session.flush()
        taken = personal.everything(session, depot, case)
    assert all(path.exists() for path in taken.paths)
    assert {path.suffix for path in taken.paths} >= {".pdf", ".mp4"}
    with reading() as session:
        assert {row.path for row in session.scalars(select(Evidence))} == {""}
        assert {row.path for row in session.scalars(select(Film))} == {""}
        agreement = session.scalars(select(Agreement)).one()
        assert (agreement.data, agreement.path) == ({}, "")
        assert {row.evidence for row in session.scalars(select(Signature))} == {None}
        assert "陈建国" not in {row.label for row in session.scalars(select(Seat))}
        assert session.scalars(select(Case.claim)).one() == ""
