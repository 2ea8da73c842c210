"""Words about people in the rows: sealed on disk, open in hand, gone with the key of their case."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from odr.cases.models import Case, Party
from odr.db import engine, reading, sqlite_path, transaction
from odr.errors import Tampered
from odr.identity import sealed
from odr.identity.sealed import MARK, is_sealed
from odr.identity.vault import KeyLost
from odr.mediation.models import FactLine, Note
from odr.mediation.models import Session as Sitting
from odr.settlement.models import Proposal
from tests.people import APPLICANT, NOW, PRIVATE_LENDING, RESPONDENT, make_case

TERMS = {"account": "农业银行 6230 5203 1001 8861 234", "total": 34_000_000, "extra": ["再无争议"]}
ANSWERS = {"r1": {"answer": "denied", "words": "第三次没有拿到钱"}}
SAID = "我最多能还三十万"


@pytest.fixture
def case_id(ctx, cast):
    """A case with one version of terms and a sitting in which somebody wrote something."""
    with transaction() as session:
        case = make_case(session, ctx, cast)
        terms = {
            "number": 1,
            "terms": TERMS,
            "text_hash": "0" * 64,
            "by_person": uuid4(),
            "at": NOW,
        }
        sitting = Sitting(
            id=uuid4(), case_id=case.id, room="room-1", script="script-2026-01", step="negotiation"
        )
        session.add_all([Proposal(case_id=case.id, **terms), sitting])
        session.flush()
        note = {"kind": "chat", "by_label": RESPONDENT[0], "text": SAID, "at": NOW}
        session.add(Note(session_id=sitting.id, **note))
        session.add(
            FactLine(session_id=sitting.id, number=1, text="三次借款共三十四万", answers=ANSWERS)
        )
        session.flush()
        assert case.claim == PRIVATE_LENDING.claim  # who writes goes on reading
        return case.id


def raw(query, **values):
    with engine().connect() as connection:
        return connection.execute(text(query), values).scalars().all()


def put(query, **values):
    with engine().begin() as connection:
        connection.execute(text(query), values)


def test_the_files_of_the_database_hold_none_of_it(database, case_id):
    path = sqlite_path(database.database_url)
    if path is None:  # a server's files are not ours to read: its rows are
        tables = ("case", "person", "party", "proposal", "note", "fact_line")
        rows = [raw(f'SELECT CAST(t AS TEXT) FROM "{name}" t') for name in tables]
        kept = "\n".join(str(one) for found in rows for one in found).encode()
    else:
        kept = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    assert b"private_lending" in kept  # what is no secret is there to be counted
    words = (
        APPLICANT[0],
        PRIVATE_LENDING.claim,
        PRIVATE_LENDING.story,
        PRIVATE_LENDING.applicant_address,
        SAID,
    )
    for word in (*words, ANSWERS["r1"]["words"], TERMS["account"], "三次借款共三十四万"):
        for form in (word.encode(), ascii(word)[1:-1].encode()):
            assert form not in kept, word


def test_whoever_may_read_the_case_reads_it_as_before(case_id):
    with reading() as session:
        case = session.get(Case, case_id)
        assert (case.claim, case.story) == (PRIVATE_LENDING.claim, PRIVATE_LENDING.story)
        assert case.parties[1].name == RESPONDENT[0]
        assert session.scalars(select(Proposal)).one().terms == TERMS
        note = session.scalars(select(Note)).one()
        assert (note.text, note.by_label) == (SAID, RESPONDENT[0])
        assert session.scalars(select(FactLine)).one().answers == ANSWERS


def test_what_is_changed_is_sealed_anew_and_what_is_not_stays(case_id):
    before = raw('SELECT claim FROM "case"'), raw('SELECT story FROM "case"')
    with transaction() as session:
        case = session.get(Case, case_id)
        case.claim = "归还借款 300000 元"
        session.flush()
        assert case.claim == "归还借款 300000 元"
        session.refresh(case)
        assert case.claim == "归还借款 300000 元"
    assert raw('SELECT story FROM "case"') == before[1]
    assert is_sealed(raw('SELECT claim FROM "case"')[0])
    assert raw('SELECT claim FROM "case"') != before[0]
    with reading() as session:
        assert session.get(Case, case_id).claim == "归还借款 300000 元"


def test_a_value_that_was_moved_to_another_row_does_not_open(case_id):
    put(
        "UPDATE party SET name = (SELECT name FROM party WHERE number = 1) WHERE number = 2",
    )
    with reading() as session, pytest.raises(Tampered):
        session.scalars(select(Party).where(Party.number == 2)).one()


def test_a_value_that_was_moved_to_another_column_does_not_open(case_id):
    put('UPDATE "case" SET story = claim')
    with reading() as session, pytest.raises(Tampered):
        session.get(Case, case_id)


def test_without_the_key_of_the_case_nothing_can_be_read(case_id):
    put('UPDATE "case" SET data_key = NULL')
    with reading() as session:
        case = session.get(Case, case_id)
        assert (case.claim, case.story, case.parties[1].name) == ("", "", "")
        assert session.scalars(select(Proposal)).one().terms == {}
        assert session.scalars(select(Note)).one().text == ""


def test_where_the_half_of_a_key_is_missing_nothing_is_passed_off_as_empty(case_id, database):
    (database.case_keys_dir / str(case_id)).unlink()
    with reading() as session, pytest.raises(KeyLost):
        session.get(Case, case_id)


def test_rows_from_before_are_read_and_sealed_when_they_are_written_again(case_id):
    put('UPDATE "case" SET claim = :claim', claim="从前的请求")
    with transaction() as session:
        case = session.get(Case, case_id)
        assert case.claim == "从前的请求"
        case.claim += "，另付利息"
    assert raw('SELECT claim FROM "case"')[0].startswith(MARK)
    with reading() as session:
        assert session.get(Case, case_id).claim == "从前的请求，另付利息"


def test_what_is_written_when_the_key_is_destroyed_stands_open(case_id):
    with transaction() as session:
        case = session.get(Case, case_id)
        case.data_key = None
        case.parties[1].name = "林*根"
    assert "林*根" in raw("SELECT name FROM party")
    with reading() as session:
        assert session.get(Case, case_id).parties[1].name == "林*根"


def test_a_write_that_failed_leaves_nothing_to_be_taken_for_what_is_there(case_id):
    with reading() as session:
        case = session.get(Case, case_id)
        case.claim, case.short_code = "别的", None
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
        case.short_code = "NEW"
        session.flush()
        assert case.claim == PRIVATE_LENDING.claim


def test_no_query_asks_for_a_sealed_column_alone(database):
    house = Path(sealed.__file__).parents[1]
    sources = {path: path.read_text("utf-8") for path in house.rglob("*.py")}
    columns = [f"{table.__name__}.{name}" for table, names in sealed.tables() for name in names]
    assert "Case.claim" in columns
    found = [
        (path.name, column)
        for path, source in sources.items()
        for column in columns
        if re.search(rf"\b{re.escape(column)}\b", source)
    ]
    assert found == []  # it would get cipher text, and compare nothing with nothing


def test_a_change_that_was_taken_back_leaves_what_was_there(case_id):
    with reading() as session:
        case = session.get(Case, case_id)
        case.claim = "别的"
        session.flush()
        session.rollback()
        assert session.get(Case, case_id).claim == PRIVATE_LENDING.claim
