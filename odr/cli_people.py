"""Who works here, from the command line: ``odr people add · list · sample``; it keeps no password."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, clock, db
from odr.errors import Refused
from odr.identity import service
from odr.identity.context import Ctx
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.identity.service import NewStaff
from odr.identity.tokens import Keys
from odr.identity.vault import Vault
from odr.settings import Settings

SAMPLE = Path(__file__).parent / "identity" / "sample_lawyers.toml"
STAFF = [role.value for role in Role if role is not Role.PARTY]


class _NoSms:
    """The command line texts nobody."""

    def send(self, phone: str, text: str) -> None:
        """Refused: nothing here sends codes."""
        raise NotImplementedError


@click.group("people", help="The people who work here.")
def people() -> None:
    """Hold the commands together."""


@people.command("add", help="Create a member of the house; shows password and TOTP secret once.")
@click.argument("login_name")
@click.option("--name", required=True, help="The name that parties read.")
@click.option("--role", required=True, type=click.Choice(STAFF))
@click.option("--specialty", "specialties", multiple=True, help="A field of law; may be repeated.")
@click.option("--firm", default="", help="Law firm or office.")
@click.option("--profile", default="", help="One sentence about the person.")
def add(login_name: str, role: str, **rest: Any) -> None:  # noqa: ANN401 -- click's options
    """Create one person and print what she needs to log in."""
    wanted = NewStaff(
        login_name=login_name,
        name=rest["name"],
        role=Role(role),
        specialties=list(rest["specialties"]),
        firm=rest["firm"],
        profile=rest["profile"],
    )
    with opened() as (session, ctx):
        _person, password, totp = _create(session, ctx, wanted)
    click.echo(f"added {login_name} as {role}; this is shown once:")
    click.echo(f"password: {password}")
    click.echo(f"totp secret: {totp}")
    click.echo(
        f"for an authenticator app: otpauth://totp/ODR:{login_name}?secret={totp}&issuer=ODR"
    )


@people.command("list", help="List the people who work here.")
@click.option("--role", type=click.Choice(STAFF), help="Only this role.")
def list_people(role: str | None) -> None:
    """One line per person."""
    query = select(Person).where(Person.role.in_([role] if role else STAFF))
    with opened() as (session, _ctx):
        for person in session.scalars(query.order_by(Person.role, Person.login_name)):
            state = "active" if person.active else "inactive"
            fields = [person.role, person.login_name or "", person.name, state]
            click.echo("\t".join([*fields, "、".join(person.specialties), person.firm]))


@people.command("sample", help="Add 40 invented lawyers with specialties, for demonstrations.")
def sample() -> None:
    """Add those who are not there yet; their passwords are thrown away."""
    rows = tomllib.loads(SAMPLE.read_text("utf-8"))["lawyer"]
    with opened() as (session, ctx):
        if ctx.production:
            raise Refused("people.sample-in-production")
        known = set(session.scalars(select(Person.login_name)))
        wanted = [row for row in rows if row["login_name"] not in known]
        for row in wanted:
            service.add_sample(session, ctx, NewStaff(role=Role.MEDIATOR, **row))
    click.echo(f"added {len(wanted)} sample lawyers, {len(rows) - len(wanted)} were there already")


@contextmanager
def opened() -> Iterator[tuple[Session, Ctx]]:
    """One transaction on the database of this installation."""
    settings = Settings.from_env()
    ctx = Ctx(
        vault=Vault.of(settings),
        sms=_NoSms(),
        cards=NoCardRegistry(),
        keys=Keys.load(settings.secrets_dir),
        now=clock.now(),
        production=settings.production,
    )
    with db.opened(settings), db.transaction() as session:
        yield session, ctx


def _create(session: Session, ctx: Ctx, wanted: NewStaff) -> tuple[Person, str, str]:
    created = service.add_staff(session, ctx, wanted)
    body = {"person": str(created[0].id), "role": wanted.role.value}
    audit.record(session, audit.Fact("staff:created", audit.SYSTEM, ctx.now, None, body))
    return created
