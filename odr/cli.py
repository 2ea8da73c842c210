"""The command line: ``odr demo · serve · web · media · jobs · verify · people · db``; it only mounts and asks.

Each command has ``--help``. Heavy imports stay inside the commands, so that ``odr verify`` starts without
a server, a database or the media stack.
"""

import sys
from pathlib import Path

import click

from odr import __version__
from odr.errors import OdrError


class Rooms(click.Group):
    """The commands of the rooms, loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of a working day."""
        return ["demo", "serve", "web", "media", "jobs", "verify", "people", "db"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name == "verify":
            return verify
        if cmd_name == "people":
            from odr.cli_people import people

            return people
        if cmd_name == "db":
            from odr.cli_db import db_group

            return db_group
        from odr.cli_run import commands

        return next((command for command in commands if command.name == cmd_name), None)


@click.group(cls=Rooms, help="ODR: an hour of mediation that can be trusted.")
@click.version_option(__version__)
def cli() -> None:
    """Hold the commands together."""


@click.command(help="Check an agreement PDF, a recording folder or an archive bag, offline.")
@click.argument("path", type=click.Path(path_type=Path))
def verify(path: Path) -> None:
    """One line per check; exit 1 names what does not fit."""
    from odr.archive.verify import verify_command

    lines, code = verify_command(path)
    for line in lines:
        click.echo(line)
    sys.exit(code)


def main() -> None:
    """Run the command line; a refusal is one sentence, never a traceback."""
    try:
        cli()
    except OdrError as error:
        click.echo(f"{error.sentence('zh')}\n{error.sentence('en')}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
