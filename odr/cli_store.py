"""The court's store from the command line: ``odr store probe · ltaupdate``; it does not know what is kept there."""

import sys

import click

from odr.settings import Settings


@click.group("store", help="The court's store.")
def store_group() -> None:
    """Hold the commands together."""


@store_group.command("probe", help="Attack a canary and say whether the store is write-once.")
def probe_command() -> None:
    """One line per attack; exit 1 when the store yields to one."""
    from odr import clock
    from odr.archive.write_once import probe
    from odr.bootstrap import open_store

    settings = Settings.from_env()
    result = probe(settings, open_store(settings), clock.now())
    click.echo(result.location)
    for attack in result.attacks:
        click.echo(f"{'✓' if attack.refused else '✗'} {attack.name}: {attack.answer}")
    click.echo("一次写入 write-once" if result.write_once else "不是一次写入 NOT write-once")
    sys.exit(0 if result.write_once else 1)


@store_group.command("ltaupdate", help="Add fresh time stamps to papers whose stamp ends soon.")
@click.option("--dry-run", is_flag=True, help="Only show which, and until when they last.")
def ltaupdate_command(*, dry_run: bool) -> None:
    """The same that the jobs process does once a day."""
    from odr import clock, db
    from odr.archive import ltaupdate
    from odr.archive.depot import Depot
    from odr.bootstrap import bootstrap

    settings = Settings.from_env()
    with db.opened(settings):
        doors = bootstrap(settings)
        depot = Depot(settings, doors.authority, doors.store, clock.now)
        ltaupdate.enter(depot)
        with db.reading() as session:
            found = ltaupdate.due(session, clock.now())
        for one in found:
            said = "" if dry_run else f" → {ltaupdate.carry_out(depot, one)}"
            click.echo(f"{one.case_no} {one.sha256} until {one.until:%Y-%m-%d}{said}")
