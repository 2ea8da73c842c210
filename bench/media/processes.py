"""Server processes on their core and what they use of it; it does not know what they serve."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 10.0
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]


def pin_load() -> None:
    """The load generator keeps to its own core; with a single core there is nothing to keep."""
    os.sched_setaffinity(0, {LOAD_CORE})


@dataclass
class Process:
    """One server, started at once, its words in a file."""

    command: list[str]
    words: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cores: frozenset[int] = frozenset({SERVER_CORE})

    def __post_init__(self) -> None:
        """Start it on its cores; as root before what else this machine does, whichever server it is."""
        first = ["nice", "-n", "-10"] if os.geteuid() == 0 else []
        pinned = ["taskset", "-c", ",".join(map(str, sorted(self.cores))), *first, *self.command]
        with self.words.open("wb") as file:
            self.popen = subprocess.Popen(
                pinned,
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.env},
            )

    def alive(self) -> bool:
        """Whether it runs."""
        return self.popen.poll() is None

    def said(self) -> str:
        """What it said."""
        return self.words.read_text("utf-8", "replace")

    def cpu(self) -> float:
        """Seconds of processor time of all its threads so far."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self) -> float:
        """Resident memory."""
        for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        """End it, by force if it does not go."""
        if self.alive():
            self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


def wait_for(condition: "object", process: Process, seconds: float, what: str) -> None:
    """Wait until ``condition()`` holds; RuntimeError with the process's words when it does not."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if not process.alive() or time.monotonic() > end:
            raise RuntimeError(f"{what}:\n{process.said()[-2000:]}")
        time.sleep(0.02)
