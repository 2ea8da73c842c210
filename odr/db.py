"""The database: the engine, the declarative base, and the only place that commits.

It knows no table. ``transaction()`` writes, ``reading()`` only reads; both need an application that
``init_app`` or ``process_app`` has bound.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from odr.settings import Settings

_INSTALLATION = "odr.settings"


class _Declarative(DeclarativeBase):
    """The root of all tables."""


db = SQLAlchemy(
    model_class=_Declarative, session_options={"expire_on_commit": False, "autoflush": True}
)

if TYPE_CHECKING:
    Base = _Declarative
else:
    Base = db.Model


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments: nobody knows what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back to databases that forget it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the database to an application."""
    url = settings.database_url
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.startswith("sqlite"):
        options = {"connect_args": {"timeout": 15, "check_same_thread": False}}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    app.extensions[_INSTALLATION] = settings
    db.init_app(app)
    with app.app_context():
        _tune(db.engine)


def process_app(settings: Settings) -> Flask:
    """A bare application that carries the database for the command line and the jobs."""
    app = Flask("odr.process")
    init_app(app, settings)
    return app


def installation() -> Settings:
    """The settings that the current application's database was bound with."""
    found: Settings = current_app.extensions[_INSTALLATION]
    return found


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    """The database of an installation for one command; all its connections are closed at the end."""
    with process_app(settings).app_context():
        try:
            yield
        finally:
            db.engine.dispose()


def engine() -> Engine:
    """The engine of the current application."""
    return db.engine


@contextmanager
def transaction() -> Iterator[Session]:
    """Write: all of it or none of it. SQLite takes its write lock at once."""
    session = db.session()
    try:
        session.connection(execution_options={"odr_write": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        db.session.remove()


@contextmanager
def reading() -> Iterator[Session]:
    """Read one consistent state; whatever is changed inside is thrown away."""
    session = db.session()
    try:
        yield session
    finally:
        session.rollback()
        db.session.remove()


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite URL, or None."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _tune(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(raw: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 -- a DB-API connection
        raw.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("odr_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
