"""The commands that run: demo, serve, web, media and jobs; they start processes and say what they say."""

import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from odr.errors import OdrError
from odr.settings import Settings

if TYPE_CHECKING:
    from odr.simulation.installation import Place
    from odr.simulation.story import Story
    from odr.simulation.supervisor import Supervisor

JOBS_PAUSE = 0.25
DATA = click.option("--data", type=click.Path(path_type=Path), help="The data folder (ODR_DATA).")
PORT = click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes a free one.")


def environment(data: Path | None, port: int | None) -> dict[str, str]:
    """The environment with what the command line says put over it."""
    env = dict(os.environ)
    if data is not None:
        env["ODR_DATA"] = str(data)
    if port is not None:
        env["ODR_PORT"] = str(port)
    return env


@click.command(help="Serve this machine: web, media and jobs, begun again when one dies.")
@DATA
@PORT
@click.option("--host", help="The address to listen on (ODR_HOST).")
@click.option("--media-nodes", type=click.IntRange(1, 64), help="How many media nodes, one a core.")
def serve(data: Path | None, port: int | None, host: str | None, media_nodes: int | None) -> None:
    """Run until Ctrl-C or SIGTERM."""
    from odr.simulation import installation

    env = environment(data, port)
    if media_nodes is not None:
        env["ODR_MEDIA_NODES"] = str(media_nodes)
    if host is not None:
        env["ODR_HOST"] = host
    settings = Settings.from_env(env)
    where = installation.place(settings.data, settings.host, settings.port, env)
    with suppress(KeyboardInterrupt), running(where, click.echo) as supervisor:
        installation.ready(where)
        click.echo(f"serving {where.data} at {where.env['ODR_PUBLIC_URL']}")
        supervisor.wait()


@click.command(help="Serve the web only (development and supervisors of your own).")
@DATA
@PORT
def web(data: Path | None, port: int | None) -> None:
    """Become gunicorn."""
    from odr.simulation.installation import web_command

    env = environment(data, port)
    settings = Settings.from_env(env)
    env["ODR_DATA"] = str(settings.data)
    command = web_command(None, f"{settings.host}:{settings.port}")
    os.execve(command[0], command, env)  # noqa: S606 -- our own server takes this process over


@click.command(help="Run a media node: rooms live and are recorded here.")
@DATA
@click.option("--web-url", help="Where the web listens (default: ODR_HOST and ODR_PORT).")
@click.option("--node-id", default="node-1", show_default=True, help="This node's name.")
@click.option("--engine", help="native, fast or hook (default: the best that works here).")
def media(data: Path | None, web_url: str | None, node_id: str, engine: str | None) -> None:
    """Dial the web and serve rooms until told to stop."""
    from odr.mediation.media.server import run

    env = environment(data, None)
    settings = Settings.from_env(env | {"ODR_MEDIA_ENGINE": engine} if engine else env)
    log_to_stderr()
    run(settings, web_url or f"http://{settings.host}:{settings.port}", node_id)


@click.command(help="Do the queued jobs: films, bags, deposits, fixity.")
@DATA
def jobs(data: Path | None) -> None:
    """Claim, do, settle, until told to stop."""
    from odr import clock, db
    from odr import jobs as queue
    from odr.archive import service
    from odr.bootstrap import bootstrap

    settings = Settings.from_env(environment(data, None))
    log_to_stderr()
    stopping = threading.Event()
    stop_on_signal(stopping.set)
    worker = f"{socket.gethostname()}-{os.getpid()}"
    with db.opened(settings):
        doors = bootstrap(settings)
        handlers = service.handlers(settings, doors)
        service.arm(settings, doors)
        while not stopping.is_set():
            if not queue.run_one(handlers, worker=worker, clock=clock.now):
                stopping.wait(JOBS_PAUSE)


@dataclass(frozen=True)
class Wish:
    """What the visitor of a demonstration asked for; ``pace`` in seconds between two steps."""

    leave: bool
    json_file: Path | None
    port: int
    pace: float


@click.command(
    help="Live one whole mediation with robots through the front door, then keep serving."
)
@click.option("--exit", "leave", is_flag=True, help="Stop after the hour; 0 only if all verified.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep everything in this folder.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; 0: a free one.")
@click.option("--pace", type=float, default=2.5, help="Seconds that people take between steps.")
def demo(*, leave: bool, data: Path | None, json_file: Path | None, port: int, pace: float) -> None:
    """Start, live, verify, tell; exit code 1 names what failed."""
    with folder(data) as kept:
        code = _demo(kept, Wish(leave, json_file, port, pace))
    sys.exit(code)


def _demo(kept: Path, wish: Wish) -> int:
    from odr.simulation import demo as demonstration
    from odr.simulation import installation
    from odr.simulation.story import Story

    story = Story(click.echo)
    env = {**os.environ, "ODR_ENVIRONMENT": "demo", "ODR_MEDIA_HOST": "127.0.0.1"}
    where = installation.place(kept, "127.0.0.1", wish.port, env)
    log = kept / "processes.log"
    with running(where, writer(log), story) as supervisor:
        try:
            with story.stage("staff"):
                logins = demonstration.people(where)  # the processes start meanwhile
            with story.stage("ready"):
                installation.ready(where)
            report = demonstration.run(where, logins, story, pace=wish.pace)
        except OdrError as error:
            if wish.json_file is not None:
                demonstration.write_json(wish.json_file, error)
            click.echo(_last_words(log), err=True)
            raise
        demonstration.tell(report, story)
        if wish.json_file is not None:
            demonstration.write_json(wish.json_file, report)
        if not wish.leave:
            story.tell("serving", url=where.url)
            for role, path in doors(Settings.from_env(where.env)):
                story.tell(f"role-{role}", link=f"{where.url}{path}")
            with suppress(KeyboardInterrupt):
                supervisor.wait()
    return 0 if report.fine else 1


def doors(settings: Settings) -> list[tuple[str, str]]:
    """One single-use path for each role and side of the demonstrated case."""
    from sqlalchemy import select

    from odr import db
    from odr.identity.models import Person
    from odr.simulation import cast
    from odr.web.demo_door import demo_token

    names = {
        "applicant": cast.APPLICANT.name,
        "respondent": cast.RESPONDENT.name,
        "mediator": cast.MEDIATOR.name,
        "clerk": cast.CLERK.name,
        "court": cast.COURT.name,
    }
    found: list[tuple[str, str]] = []
    with db.opened(settings), db.reading() as session:
        people = {person.name: person for person in session.scalars(select(Person))}
        for role, name in names.items():
            person = people.get(name)
            if person is not None:
                token = demo_token(settings.service_secret, person.role, person.id)
                found.append((role, f"/demo/in/{token}"))
    return found


def writer(path: Path) -> Callable[[str], None]:
    """Something that appends lines to a file."""

    def write(line: str) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    return write


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text("utf-8").splitlines()[-40:])


@contextmanager
def running(
    where: "Place", write: Callable[[str], None], story: "Story | None" = None
) -> Iterator["Supervisor"]:
    """Bring the tables up to date, start the processes, stop them at the end."""
    from odr.simulation import installation
    from odr.simulation.story import Story

    story = story or Story(click.echo)
    with story.stage("start"):
        installation.upgrade(where)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end the same way
        supervisor = installation.start(where, write)
    try:
        yield supervisor
    finally:
        supervisor.stop()
        where.listener.close()


@contextmanager
def folder(data: Path | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is thrown away."""
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="odr-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def stop_on_signal(stop: Callable[[], object]) -> None:
    """Call ``stop`` at Ctrl-C and at SIGTERM."""

    def _stop(_number: int, _frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def log_to_stderr() -> None:
    """One line per event on stderr; the supervisor puts the process's name before it."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s"
    )


commands: list[click.Command] = [demo, serve, web, media, jobs]
