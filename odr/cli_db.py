"""The tables of an installation: ``odr db upgrade · current · seal``; it does not know what they hold."""

from pathlib import Path
from typing import Any

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool, text

from odr.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")
PORTION = 500  # rows in one transaction
LOCK = 7001  # one upgrade at a time on PostgreSQL


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the database to the newest tables; nothing happens when it is there already."""
    engine = create_engine(settings.database_url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(_config(connection), revision)


def current(settings: Settings) -> tuple[str | None, str | None]:
    """The revision of the database and the newest one there is."""
    engine = create_engine(settings.database_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        found: str | None = MigrationContext.configure(connection).get_current_revision()
        newest: str | None = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return found, newest


def differences(settings: Settings) -> list[Any]:
    """Where the migrated tables differ from the models; empty when every change has its revision."""
    from alembic.autogenerate import compare_metadata

    engine = create_engine(settings.database_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, metadata()))


def metadata() -> Any:  # noqa: ANN401 -- SQLAlchemy's MetaData, of every room
    """The tables of all rooms as the models describe them."""
    import odr.archive.models
    import odr.audit
    import odr.cases.models
    import odr.identity.models
    import odr.jobs
    import odr.mediation.models
    import odr.settlement.models  # noqa: F401 -- importing a model enters its table
    from odr.db import Base

    return Base.metadata


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@click.group("db", help="The tables of this installation.")
def db_group() -> None:
    """Hold the commands together."""


@db_group.command("upgrade", help="Bring the database to the newest tables.")
def upgrade_command() -> None:
    """Upgrade and say where the database stands."""
    settings = Settings.from_env()
    upgrade(settings)
    click.echo(f"database at revision {current(settings)[0]}")


@db_group.command("current", help="Show the revision of the database.")
def current_command() -> None:
    """Show present and newest revision."""
    found, newest = current(Settings.from_env())
    click.echo(f"present {found or 'none'}, newest {newest}")


@db_group.command("seal", help="Seal what rows from before sealing still say in plain words.")
def seal_command() -> None:
    """Split old keys, then seal in portions; it may be stopped and started again."""
    from odr import db
    from odr.identity import resealing

    settings = Settings.from_env()
    metadata()
    with db.opened(settings):
        with db.transaction() as session:
            click.echo(f"keys split in two: {resealing.halve_keys(session)}")
        with db.reading() as session:
            rows = resealing.plain_rows(session)
        count = 0
        for start in range(0, len(rows), PORTION):
            with db.transaction() as session:
                count += resealing.seal(session, rows[start : start + PORTION])
            click.echo(f"rows looked at: {min(start + PORTION, len(rows))} of {len(rows)}")
    click.echo(f"rows sealed: {count}; left open, their case has no key: {len(rows) - count}")
