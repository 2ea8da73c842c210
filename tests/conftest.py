"""One migrated database for every test that asks for it: a file of SQLite, or a schema of PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, pool

from odr import cli_db
from odr.db import db, process_app
from odr.settings import Secret, Settings
from tests.people import cast, ctx, sms, texts  # noqa: F401 -- fixtures for all

POSTGRES = os.environ.get("ODR_TEST_DATABASE_URL", "")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "odr.sqlite3"
    cli_db.upgrade(Settings(data=path.parent, database_url=f"sqlite:///{path}"))
    return path


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Iterator[Settings]:
    """One installation with a migrated, empty database of its own."""
    path = tmp_path / "odr.sqlite3"
    made = Settings(
        data=tmp_path,
        database_url=f"sqlite:///{path}",
        environment="test",
        store_path=tmp_path / "court-store",
        service_secret=Secret("01" * 32),
        vault_key=Secret("ab" * 32),
        pepper=Secret("cd" * 32),
    )
    if not POSTGRES:
        shutil.copyfile(migrated, path)
        yield made
        return
    schema = f"test_{uuid4().hex[:16]}"
    _run(f"CREATE SCHEMA {schema}")
    mark = "&" if "?" in POSTGRES else "?"
    made = replace(made, database_url=f"{POSTGRES}{mark}options=-csearch_path%3D{schema}")
    cli_db.upgrade(made)
    yield made
    _run(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def database(settings: Settings) -> Iterator[Settings]:
    """The same, with an application context pushed, so that ``transaction()`` works."""
    app = process_app(settings)
    with app.app_context():
        yield settings
        db.session.remove()
        db.engine.dispose()


def _run(statement: str) -> None:
    engine = create_engine(POSTGRES, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
