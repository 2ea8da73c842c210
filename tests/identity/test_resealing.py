"""Rows and keys of an older installation are brought up to what new ones are."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from odr import cli
from odr.cases.models import Case, Party
from odr.db import reading, transaction
from odr.identity import resealing
from odr.identity.models import Person
from odr.identity.sealed import is_sealed
from odr.identity.service import party_phone
from tests.people import PRIVATE_LENDING, RESPONDENT, make_case

OLD = "从前的请求：归还借款"


@pytest.fixture
def case_id(ctx, cast):
    """A case whose claim and names stand open, as they did before."""
    with transaction() as session:
        case_id = make_case(session, ctx, cast).id
        session.execute(update(Case.__table__).values(claim=OLD))
        session.execute(update(Person.__table__).values(name="王*"))
    return case_id


@pytest.fixture
def odr(database, from_env):
    return lambda: CliRunner().invoke(cli.cli, ["db", "seal"])


def kept(query):
    with reading() as session:
        return session.execute(text(query)).scalars().all()


def test_open_rows_are_sealed_once_and_read_as_before(odr, case_id, cast):
    done = odr()
    assert done.exit_code == 0, done.output
    people = len(kept("SELECT id FROM person"))
    assert f"rows sealed: {people + 1}; left open, their case has no key: 0\n" in done.output
    assert all(is_sealed(one) for one in kept('SELECT claim FROM "case"'))
    assert all(is_sealed(one) for one in kept("SELECT name FROM person"))
    with reading() as session:
        case = session.get(Case, case_id)
        assert (case.claim, case.story) == (OLD, PRIVATE_LENDING.story)
        assert {person.name for person in session.scalars(select(Person))} == {"王*"}
    assert "rows sealed: 0;" in odr().output


def test_a_key_that_stood_whole_is_split_and_opens_what_it_sealed(odr, ctx, case_id, database):
    whole = ctx.vault.seal("0f" * 32, context=f"case-key:{case_id}")
    own = ctx.vault.of_case(whole, case_id)
    sealed = own.seal(RESPONDENT[1], context="phone")
    rows = {"claim": OLD, "story": "", "outcome_reason": ""}
    with transaction() as session:
        session.execute(update(Case.__table__).values(data_key=whole, **rows))
        session.execute(
            update(Party.__table__).values(phone_cipher=sealed, name="林福根", address="")
        )
    (database.case_keys_dir / str(case_id)).unlink()  # there were none
    assert "keys split in two: 1\n" in odr().output
    with reading() as session:
        case = session.get(Case, case_id)
        assert not ctx.vault.is_whole(case.data_key)
        assert (case.claim, case.parties[1].name) == (OLD, "林福根")
        assert party_phone(ctx, case.parties[1]) == RESPONDENT[1]
    assert "keys split in two: 0\n" in odr().output
    ctx.vault.destroy(case_id)
    with reading() as session:
        assert session.get(Case, case_id).claim == ""


def test_a_case_without_a_key_stays_open_and_is_counted(odr, case_id):
    with transaction() as session:
        session.execute(update(Case.__table__).values(data_key=None))
        session.execute(update(Person.__table__).values(name=""))
    assert "left open, their case has no key: 1\n" in odr().output
    with reading() as session:
        assert [one.columns for one in resealing.plain_rows(session)] == [("claim",)]
