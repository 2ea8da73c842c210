"""One migrated database for every test that asks for it: a file of SQLite, or a schema of PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, pool

from odr import cli_db
from odr.db import db, process_app
from odr.settings import Settings
from tests.fakes import settings_in
from tests.people import cast, ctx, sms, texts  # noqa: F401 -- fixtures for all

POSTGRES = os.environ.get("ODR_TEST_DATABASE_URL", "")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database that every test copies: the path of a file, or the name of a template."""
    folder = tmp_path_factory.mktemp("migrated")
    if not POSTGRES:
        path = folder / "odr.sqlite3"
        cli_db.upgrade(Settings(data=folder, database_url=f"sqlite:///{path}"))
        yield str(path)
        return
    name = f"template_{uuid4().hex[:16]}"
    _run(f"CREATE DATABASE {name}")
    cli_db.upgrade(Settings(data=folder, database_url=_url(name)))
    yield name
    _run(f"DROP DATABASE {name}")


@pytest.fixture
def settings(tmp_path: Path, migrated: str) -> Iterator[Settings]:
    """One installation with a migrated, empty database of its own."""
    path = tmp_path / "odr.sqlite3"
    made = settings_in(tmp_path)
    if not POSTGRES:
        shutil.copyfile(migrated, path)
        yield made
        return
    name = f"test_{uuid4().hex[:16]}"
    _run(f"CREATE DATABASE {name} TEMPLATE {migrated}")
    yield replace(made, database_url=_url(name))
    _run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(settings: Settings) -> Iterator[Settings]:
    """The same, with an application context pushed, so that ``transaction()`` works."""
    app = process_app(settings)
    with app.app_context():
        yield settings
        db.session.remove()
        db.engine.dispose()


def _url(name: str) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


def _run(statement: str) -> None:
    engine = create_engine(POSTGRES, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture
def from_env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that reads its settings from the environment finds this installation."""
    for name in ("data", "database_url", "environment", "store_path", "vault_key", "pepper"):
        monkeypatch.setenv(f"ODR_{name.upper()}", str(getattr(settings, name)))
