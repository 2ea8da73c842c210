"""What is kept how long, on the command line: ``odr retention table · due · run · hold · lift``."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, clock, db
from odr.archive import retention as keeping
from odr.archive.depot import Depot
from odr.bootstrap import bootstrap
from odr.cases.models import Case
from odr.errors import NotFound
from odr.law.retention import rules
from odr.settings import Settings

ADMIN = audit.Actor("system")


@click.group("retention", help="What is kept, how long, and why; legal holds.")
def retention() -> None:
    """Hold the commands together."""


@retention.command("table", help="Show what is kept how long and by which article.")
def table() -> None:
    """One line per kind."""
    for rule in rules():
        click.echo(
            f"{rule.kind:18} {rule.days:5} days after {rule.start:9} {rule.zh}（{rule.source}）"
        )


@retention.command("due", help="Show what would be deleted now.")
def due() -> None:
    """One line per deletion; nothing is changed."""
    with opened(), db.reading() as session:
        for one in keeping.due(session, clock.now()):
            click.echo(f"{one.rule.kind:18} {one.case_id or '-'} since {one.since:%Y-%m-%d}")


@retention.command("run", help="Delete what is due, with a certificate for each.")
def run() -> None:
    """The same that the jobs process does once a day."""
    with opened() as depot:
        keeping.job(depot, {})


@retention.command("hold", help="Stop every deletion of a case.")
@click.argument("case_no")
@click.option("--reason", required=True, help="Why, e.g. the number of the retrial.")
def hold(case_no: str, reason: str) -> None:
    """Record the hold."""
    with opened(), db.transaction() as session:
        case_id = _case(session, case_no)
        keeping.hold(session, case_id, reason, _fact())
    click.echo(f"{case_no}: held")


@retention.command("lift", help="End the holds of a case.")
@click.argument("case_no")
def lift(case_no: str) -> None:
    """Record the end."""
    with opened(), db.transaction() as session:
        count = keeping.lift(session, _case(session, case_no), _fact())
    click.echo(f"{case_no}: {count} lifted")


@contextmanager
def opened() -> Iterator[Depot]:
    """The tools of the archive on this installation's database."""
    settings = Settings.from_env()
    with db.opened(settings):
        doors = bootstrap(settings)
        yield Depot(settings, doors.authority, doors.store, clock.now)


def _case(session: Session, case_no: str) -> UUID:
    found = session.scalar(select(Case.id).where(Case.case_no == case_no))
    if found is None:
        raise NotFound
    return found


def _fact() -> audit.Fact:
    return audit.Fact("", ADMIN, clock.now())
