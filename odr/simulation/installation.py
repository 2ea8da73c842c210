"""One whole installation on this machine: web, media and jobs; it does not know who will visit it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

import odr
from odr import clock
from odr.errors import Unavailable
from odr.simulation.supervisor import Program, Supervisor

ROOT = Path(odr.__file__).resolve().parent.parent
ODR = (sys.executable, "-m", "odr.cli")
QUIET = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


@dataclass(frozen=True)
class Place:
    """Where an installation lives: its folder, its door, and what its processes find in ``os.environ``."""

    data: Path
    host: str
    port: int
    listener: socket.socket = field(repr=False)
    env: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """The address under which the processes of this machine reach the web."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", ""} else self.host  # noqa: S104 -- compared
        return f"http://{host}:{self.port}"


def place(data: Path, host: str, port: int, extra: Mapping[str, str] | None = None) -> Place:
    """Open the door (port 0 takes a free one) and write down the environment of the children.

    The listening socket stays with the supervisor: while web begins again, visitors wait in line
    instead of being turned away.
    """
    listener = socket.create_server((host, port), backlog=512)
    listener.set_inheritable(True)
    port = int(listener.getsockname()[1])
    env = {**os.environ, **QUIET, **(extra or {})}
    env |= {"ODR_DATA": str(data.resolve()), "ODR_HOST": host, "ODR_PORT": str(port)}
    env.setdefault("ODR_PUBLIC_URL", f"http://{host}:{port}")
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), env.get("PYTHONPATH"))))
    return Place(data.resolve(), host, port, listener, env)


def programs(where: Place) -> list[Program]:
    """The processes of one machine, as many media nodes as were asked for; jobs step aside."""
    nodes = max(1, int(where.env.get("ODR_MEDIA_NODES", "1")))
    return [
        Program("web", web_command(where.listener.fileno()), where.env, (where.listener.fileno(),)),
        *(_media(where, number) for number in range(1, nodes + 1)),
        Program("jobs", (*ODR, "jobs"), where.env, nice=19),
    ]


def _media(where: Place, number: int) -> Program:
    """One media node; each tells its numbers on a port of its own."""
    first = int(where.env.get("ODR_METRICS_PORT", "0"))
    env = dict(where.env) | {"ODR_METRICS_PORT": str(first + number - 1 if first else 0)}
    command = (*ODR, "media", "--web-url", where.url, "--node-id", f"node-{number}")
    return Program("media" if number == 1 else f"media{number}", command, env)


def web_command(listener: int | None, address: str = "") -> tuple[str, ...]:
    """Gunicorn with one process and many threads: a socket.io room must not be spread over processes."""
    bind = f"fd://{listener}" if listener is not None else address
    options = ("-w", "1", "-k", "gthread", "--threads", "200", "--graceful-timeout", "5")
    quiet = ("--keep-alive", "75", "--no-control-socket", "--log-level", "warning")
    head = (sys.executable, "-m", "gunicorn", "--chdir", str(ROOT))
    return (*head, *options, *quiet, "-b", bind, "wsgi:app")


def run_command(where: Place, *arguments: str) -> str:
    """Run one ``odr`` command of this installation; what it printed, or Unavailable with its last words."""
    done = subprocess.run(  # noqa: S603 -- our own command line
        (*ODR, *arguments), env=dict(where.env), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unavailable(
            "simulation.command-failed",
            command=" ".join(arguments[:2]),
            words=(done.stderr or done.stdout).strip()[-600:],
        )
    return done.stdout


def upgrade(where: Place) -> None:
    """Bring the database to the present tables before any process reads it."""
    run_command(where, "db", "upgrade")


def start(where: Place, write: Callable[[str], None]) -> Supervisor:
    """Start the three processes; ``ready`` tells when they serve."""
    supervisor = Supervisor(programs(where), write)
    supervisor.start()
    return supervisor


def ready(where: Place, *, seconds: float = 60) -> None:
    """Wait until the web says it is ready; Unavailable with its words when it never is."""
    deadline = clock.monotonic() + seconds
    words = ""
    while clock.monotonic() < deadline:
        try:
            answer = requests.get(f"{where.url}/readyz", timeout=5)
            if answer.ok:
                return
            words = answer.text
        except requests.RequestException as error:
            words = str(error)
        time.sleep(0.1)
    raise Unavailable("simulation.not-ready", words=words[-400:])
