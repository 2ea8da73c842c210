"""The command line: ``odr demo · serve · web · media · jobs · verify · people · db · store``; it only mounts and asks.

Each command has ``--help``. Heavy imports stay inside the commands, so that ``odr verify`` starts without
a server, a database or the media stack.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from odr import __version__
from odr.errors import OdrError

if TYPE_CHECKING:
    from odr.recordings.finding import Finding


GROUPS = {
    "people": ("odr.cli_people", "people"),
    "db": ("odr.cli_db", "db_group"),
    "store": ("odr.cli_store", "store_group"),
    "retention": ("odr.cli_retention", "retention"),
}


class Rooms(click.Group):
    """The commands of the rooms, loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of a working day."""
        return [
            "demo",
            "serve",
            "web",
            "media",
            "jobs",
            "verify",
            "people",
            "retention",
            "db",
            "store",
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name == "verify":
            return verify
        if cmd_name in GROUPS:
            module, group = GROUPS[cmd_name]
            return cast(click.Command, getattr(import_module(module), group))
        from odr.cli_run import commands

        return next((command for command in commands if command.name == cmd_name), None)


@click.group(cls=Rooms, help="ODR: an hour of mediation that can be trusted.")
@click.version_option(__version__)
def cli() -> None:
    """Hold the commands together."""


@click.command(help="Check an agreement PDF, a recording folder, an archive bag, or the audit log.")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--trust", default="", help="The root to trust: its file, or its SHA-256 fingerprint."
)
@click.option(
    "--tsa-trust",
    "stamps",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Roots of an outside time stamp authority (PEM), beside --trust.",
)
@click.option("--audit", is_flag=True, help="Check the audit log of this installation.")
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint that somebody kept; may be given again.",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint that somebody kept; PATH is the proof from the page of the case.",
)
@click.option("--key", help="The line of audit-key.txt to trust, not the one of this machine.")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder (ODR_DATA).")
def verify(path: Path | None, trust: str, stamps: Path | None, **log: Any) -> None:  # noqa: ANN401 -- the log's options
    """One line per check; exit 1 names what does not fit."""
    from odr.archive.papercheck import paper_command, told

    since = log.pop("since")
    if log.pop("audit"):
        lines, code = told(_audit(**log))
    elif since is not None and path is not None:
        lines, code = told([_since(path, since, log["key"])])
    elif path is not None and path.is_file() and path.suffix.lower() == ".pdf":
        lines, code = paper_command(path, trust, stamps)
    elif path is not None:
        from odr.archive.verify import verify_command

        lines, code = verify_command(path, trust, stamps)
    else:
        raise click.UsageError("PATH or --audit")
    for line in lines:
        click.echo(line)
    sys.exit(code)


def _since(path: Path, since: Path, key: str | None) -> "Finding":
    from odr.archive import continuity, note

    if not key:
        raise click.UsageError("--since needs --key, the line of audit-key.txt that you trust")
    kept, told = (one.read_text("utf-8", errors="replace") for one in (since, path))
    return continuity.check(kept, told, note.Verifier.parse(key)).finding


def _audit(data: Path | None, files: tuple[Path, ...], key: str | None) -> "list[Finding]":
    from odr import db
    from odr.archive import ledger, note, proof
    from odr.bootstrap import bootstrap
    from odr.cli_run import environment
    from odr.settings import Settings

    settings = Settings.from_env(environment(data, None))
    with db.opened(settings), db.reading() as session:
        doors = bootstrap(settings)
        own = note.Signer.load(settings.secrets_dir).verifier
        verifier = note.Verifier.parse(key) if key else own
        root = proof.Root.from_pem(doors.authority.root_pem())
        trust = ledger.Trust(verifier, root, doors.authority.outside_roots())
        papers = [ledger.paper_from(file) for file in files]
        kept = ledger.papers_of(session, doors.store)
        findings = ledger.examine(ledger.rows_of(session), [*papers, *kept], trust)
        return [*findings, *ledger.forks([*papers, *kept], verifier)]


def main() -> None:
    """Run the command line; a refusal is one sentence, never a traceback."""
    try:
        cli()
    except OdrError as error:
        click.echo(f"{error.sentence('zh')}\n{error.sentence('en')}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
