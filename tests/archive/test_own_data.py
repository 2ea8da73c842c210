import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select

from odr.archive import checkpoints, own_data
from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.audit import AuditRow
from odr.cases import service as cases
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.identity.models import Person
from tests.people import APPLICANT, RESPONDENT, make_case

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%%EOF\n"


@pytest.fixture
def depot(database, authority) -> Depot:
    return Depot(database, authority, FolderStore(database.store_path), lambda: None)


@pytest.fixture
def taken(depot, ctx, cast) -> dict[str, zipfile.ZipFile]:
    """What each side takes home; both brought one paper."""
    with transaction() as session:
        case = make_case(session, ctx, cast)
        for party in case.parties:
            upload = cases.Upload(title=f"借条 {party.side}", filename="a.pdf", data=PDF)
            cases.add_evidence(session, ctx, case, party, upload, depot.settings.files_dir)
        checkpoints.cut(session, replace(depot, clock=lambda: ctx.now), "routine")
        case_id = case.id
    found = {}
    for number, person in enumerate((cast.applicant, cast.respondent)):
        with transaction() as session:
            case = session.get(Case, case_id)
            owner = own_data.Owner(session.get(Person, person.id), case, case.parties[number])
            content = own_data.export(session, depot, ctx, owner)
        found[owner.party.side] = zipfile.ZipFile(io.BytesIO(content))
    return found


def test_she_takes_home_all_that_is_hers(taken):
    files = taken["applicant"]
    body = json.loads(files.read("my-data.json"))
    assert body["person"]["id_number"] == APPLICANT[2]
    assert body["party"]["phone"] == APPLICANT[1]
    assert [row["title"] for row in body["evidence"]] == ["借条 applicant"]
    assert {row["action"] for row in body["acts"]} >= {"case:filed"}
    assert sorted(files.namelist()) == [
        "audit-key.txt",
        "checkpoint.txt",
        "checkpoint.txt.tsr",
        "evidence/01.pdf",
        "my-data.json",
    ]
    assert files.read("evidence/01.pdf") == PDF


def test_nothing_of_the_other_side_is_in_it(taken):
    text = taken["applicant"].read("my-data.json").decode()
    for secret in (*RESPONDENT, "借条 respondent"):
        assert secret not in text
    text = taken["respondent"].read("my-data.json").decode()
    for secret in (*APPLICANT, "2024 年三次借款"):
        assert secret not in text


def test_what_was_handed_out_is_recorded_by_its_hash(taken, cast):
    query = select(AuditRow.actor, AuditRow.body).where(AuditRow.action == own_data.EXPORTED)
    with reading() as session:
        rows = session.execute(query.order_by(AuditRow.seq)).all()
    assert [row.actor for row in rows] == [
        f"person:{cast.applicant.id}",
        f"person:{cast.respondent.id}",
    ]
    assert all(len(row.body["sha256"]) == 64 for row in rows)
