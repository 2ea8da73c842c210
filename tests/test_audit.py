from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from odr import audit, chain
from odr.audit import Actor, AuditRow, Fact
from odr.db import reading, transaction
from odr.errors import Refused
from tests.people import NOW


def write(count: int) -> None:
    with transaction() as session:
        for number in range(count):
            fact = Fact(
                "case:filed", audit.SYSTEM, NOW + timedelta(seconds=number), None, {"n": number}
            )
            audit.record(session, fact)


def fail() -> None:
    raise Refused("common.internal")


def rows(session) -> list[AuditRow]:
    return list(session.scalars(select(AuditRow).order_by(AuditRow.seq)))


def test_rows_form_one_chain_from_genesis_that_survives_the_database(database):
    write(5)
    with reading() as session:
        found = rows(session)
        assert [row.seq for row in found] == [1, 2, 3, 4, 5]
        assert found[0].prev == chain.GENESIS
        assert audit.first_broken(found) is None
        assert audit.head(session) == (5, found[-1].h)


def test_a_changed_row_is_named(database):
    write(4)
    with reading() as session:
        found = rows(session)
        session.expunge_all()
    found[2].actor = "person:somebody-else"
    assert audit.first_broken(found) == 3


def test_a_changed_body_is_named_but_an_erased_one_still_verifies(database):
    write(3)
    with reading() as session:
        found = rows(session)
        session.expunge_all()
    found[1].body = {"n": 99}
    assert audit.first_broken(found) == 2
    found[1].body = None
    assert audit.first_broken(found) is None


def test_a_missing_row_is_noticed(database):
    write(3)
    with reading() as session:
        found = rows(session)
        session.expunge_all()
    assert audit.first_broken([found[0], found[2]]) == 3


def test_a_rolled_back_cause_leaves_no_row(database):
    def cause() -> None:
        with transaction() as session:
            audit.record(session, Fact("case:filed", audit.SYSTEM, NOW))
            fail()

    with pytest.raises(Refused):
        cause()
    with reading() as session:
        assert audit.head(session) == (0, chain.GENESIS)


def test_the_facts_of_one_case_are_found_and_exported_with_their_proof(database):
    case_id, person = uuid4(), uuid4()
    with transaction() as session:
        audit.record(session, Fact("case:filed", Actor.person(person), NOW, case_id, {"a": 1}))
        audit.record(session, Fact("case:filed", audit.PUBLIC, NOW, uuid4()))
    with reading() as session:
        (row,) = audit.of_case(session, case_id)
        out = audit.exported(row)
    assert out["actor"] == f"person:{person}"
    covered = {key: out[key] for key in ("seq", "case", "at", "actor", "action")}
    assert chain.link(out["prev"], {**covered, "body": out["body_hash"]}) == out["h"]
    assert audit.body_hash(out["salt"], out["body"]) == out["body_hash"]
