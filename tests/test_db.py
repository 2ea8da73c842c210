from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from odr.db import engine, reading, sqlite_path, transaction
from odr.identity.models import Person, SpentToken
from tests.people import NOW


def test_a_moment_comes_back_aware_and_in_utc(database):
    with transaction() as session:
        session.add(SpentToken(jti="a", spent_at=NOW))
    with reading() as session:
        found = session.get(SpentToken, "a").spent_at
    assert found == NOW
    assert found.utcoffset().total_seconds() == 0


def test_a_naive_moment_is_refused(database):
    with pytest.raises(StatementError), transaction() as session:
        session.add(SpentToken(jti="a", spent_at=datetime(2026, 1, 1)))  # noqa: DTZ001 -- the point


def test_a_failed_transaction_leaves_nothing(database):
    def fail() -> None:
        with transaction() as session:
            session.add(SpentToken(jti="a", spent_at=NOW))
            session.flush()
            session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(StatementError):
        fail()
    with reading() as session:
        assert session.get(SpentToken, "a") is None


def test_what_is_changed_while_reading_is_thrown_away(database):
    person_id = uuid4()
    with reading() as session:
        session.add(Person(id=person_id, role="party", created_at=NOW))
        session.flush()
    with reading() as session:
        assert session.get(Person, person_id) is None


def test_sqlite_writes_ahead_and_syncs_fully(database):
    if engine().dialect.name != "sqlite":
        return
    with reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_the_file_behind_an_url():
    assert str(sqlite_path("sqlite:////a/b.sqlite3")) == "/a/b.sqlite3"
    assert sqlite_path("postgresql+psycopg://host/odr") is None
