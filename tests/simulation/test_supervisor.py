import os
import select
import signal
import subprocess
import sys
import threading

import pytest

from odr.simulation.supervisor import Program, Supervisor

DEADLINE = 15


class Lines:
    def __init__(self):
        self.all = []
        self.changed = threading.Condition()

    def __call__(self, line):
        with self.changed:
            self.all.append(line)
            self.changed.notify_all()

    def until(self, true):
        with self.changed:
            assert self.changed.wait_for(lambda: true(self.all), DEADLINE), self.all


def program(name, code, **more):
    return Program(name, (sys.executable, "-u", "-c", code), dict(os.environ), **more)


SLEEPER = "import os,time; print('pid', os.getpid(), flush=True); time.sleep(60)"


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def start(lines):
    started = []

    def _start(*programs):
        supervisor = Supervisor(programs, lines)
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield _start
    for supervisor in started:
        supervisor.stop()


def test_each_line_carries_the_name_of_its_child(start, lines):
    start(program("web", "print('hello', flush=True); import time; time.sleep(60)"))
    lines.until(lambda all_: len(all_) > 0)
    assert lines.all == ["  web | hello"]


def test_a_killed_child_begins_again(start, lines):
    supervisor = start(program("media", SLEEPER))
    lines.until(lambda all_: len(all_) == 1)
    first = supervisor.pid("media")
    os.kill(first, signal.SIGKILL)
    lines.until(lambda all_: sum("pid" in line for line in all_) == 2)
    assert supervisor.pid("media") not in {None, first}


def test_stop_ends_all_children(start, lines):
    supervisor = start(program("a", SLEEPER), program("b", SLEEPER))
    lines.until(lambda all_: len(all_) == 2)
    supervisor.stop()
    assert (supervisor.pid("a"), supervisor.pid("b")) == (None, None)
    supervisor.wait()


def test_a_stopped_child_does_not_begin_again(start, lines):
    supervisor = start(program("a", SLEEPER))
    lines.until(lambda all_: len(all_) == 1)
    supervisor.stop()
    assert [line for line in lines.all if "begins again" in line] == []


def test_a_polite_child_runs_with_the_nice_value_it_was_given(start, lines):
    start(program("jobs", "import os; print(os.nice(0)); import time; time.sleep(60)", nice=7))
    lines.until(lambda all_: len(all_) > 0)
    assert lines.all == [f" jobs | {min(19, os.nice(0) + 7)}"]


KILLED = f"""
import os, sys
from odr.simulation.supervisor import Program, Supervisor
watch = Supervisor(
    [Program("one", (sys.executable, "-u", "-c", {SLEEPER!r}), dict(os.environ))],
    lambda line: print(line, flush=True),
)
watch.start()
watch.wait()
"""


def test_a_supervisor_that_is_killed_leaves_no_child_behind():
    with subprocess.Popen(
        [sys.executable, "-u", "-c", KILLED], stdout=subprocess.PIPE, text=True
    ) as process:
        child = int(process.stdout.readline().rsplit(" ", 1)[1])
        handle = os.pidfd_open(child)
        process.kill()
        ended, _, _ = select.select([handle], [], [], DEADLINE)
        os.close(handle)
    assert ended == [handle]
