"""Child processes kept alive: started together, begun again when one dies; it does not know what they do.

Each line a child writes is passed on with its name in front. A child that dies at once again and again
is begun with growing pauses, so that a broken installation does not spin.
"""

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from odr import clock

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 0.2, 10.0, 20.0
PATIENCE = 8.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One child: ``fds`` are sockets it inherits, ``nice`` how willingly it steps aside."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    fds: tuple[int, ...] = ()
    nice: int = 0


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[str] | None = None
    pause: float = FIRST_PAUSE
    threads: list[threading.Thread] = field(default_factory=list)


class Supervisor:
    """Starts programs in the order given and stops them in the opposite one."""

    def __init__(self, programs: Sequence[Program], write: Callable[[str], None]) -> None:
        """``write`` gets every line: the child's name, a bar, what it said."""
        self._children = {program.name: _Child(program) for program in programs}
        self._write = write
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start all children and watch over them from threads of their own."""
        for child in self._children.values():
            self._launch(child)
            watcher = threading.Thread(target=self._watch, args=(child,), daemon=True)
            child.threads.append(watcher)
            watcher.start()

    def pid(self, name: str) -> int | None:
        """The process id of a child that runs now."""
        process = self._children[name].process
        return process.pid if process is not None and process.poll() is None else None

    def wait(self) -> None:
        """Return when ``stop`` was called."""
        self._stopping.wait()

    def stop(self) -> None:
        """End all children, last started first; one that does not listen is killed."""
        self._stopping.set()
        with self._lock:
            children = list(reversed(self._children.values()))
        for child in children:
            _signal(child.process, signal.SIGTERM)
        for child in children:
            if child.process is not None:
                _end(child.process)

    def _launch(self, child: _Child) -> None:
        program = child.program
        with self._lock:
            if self._stopping.is_set():
                return
            child.process = subprocess.Popen(  # noqa: S603 -- the programs are ours
                _command(program),
                env=dict(program.env),
                pass_fds=program.fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C is for us; we tell the children in good order
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 -- two system calls, no Python locks
            )
        if child.process.stdout is not None:
            reader = threading.Thread(
                target=self._pass_on, args=(program.name, child.process.stdout), daemon=True
            )
            reader.start()

    def _pass_on(self, name: str, lines: IO[str]) -> None:
        with lines:  # a child that is begun again must not leave its pipe behind
            for line in lines:
                self._write(f"{name:>5} | {line.rstrip()}")

    def _watch(self, child: _Child) -> None:
        while not self._stopping.is_set() and child.process is not None:
            begun = clock.monotonic()
            code = child.process.wait()
            if self._stopping.is_set():
                return
            self._write(f"{child.program.name:>5} | ended with {code}, begins again")
            healthy = clock.monotonic() - begun > HEALTHY_AFTER
            child.pause = FIRST_PAUSE if healthy else min(child.pause * 2, LONGEST_PAUSE)
            self._stopping.wait(child.pause)
            self._launch(child)


def _die_with(parent: int) -> Callable[[], None]:
    """In a new child: end when the supervisor is killed, so that none is left behind (prctl(2))."""
    prctl = ctypes.CDLL(None).prctl

    def now() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was killed before this line
            os.kill(os.getpid(), signal.SIGTERM)

    return now


def _command(program: Program) -> list[str]:
    lower = ["nice", "-n", str(program.nice)] if program.nice else []
    return [*lower, *program.argv]


def _signal(process: subprocess.Popen[str] | None, number: signal.Signals) -> None:
    if process is not None and process.poll() is None:
        os.kill(process.pid, number)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
