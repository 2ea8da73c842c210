"""One installation a module, Chromium with fake devices, and people who are already registered."""

import itertools
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from odr.simulation import before, installation
from odr.simulation.story import Story

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
START_SECONDS = 90


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.timeout(240))


@dataclass
class Served:
    """A running ``odr serve``: what it said, and its place as the robots need it."""

    process: subprocess.Popen
    where: installation.Place
    lines: list


def serve(folder, **env):
    environment = {**os.environ, "ODR_ENVIRONMENT": "test", "PYTHONUNBUFFERED": "1", **env}
    process = subprocess.Popen(
        [sys.executable, "-m", "odr.cli", "serve", "--data", str(folder), "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines, ready = [], threading.Event()

    def read():
        with process.stdout:
            for line in process.stdout:
                lines.append(line.rstrip())
                if line.startswith("serving "):
                    ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    assert ready.wait(START_SECONDS), "\n".join(lines)
    assert process.poll() is None, "\n".join(lines)
    url = next(line for line in lines if line.startswith("serving ")).rsplit(" ", 1)[1]
    host, _, port = url.removeprefix("http://").partition(":")
    environment |= {"ODR_DATA": str(folder), "ODR_PUBLIC_URL": url, "ODR_PORT": port}
    where = installation.Place(Path(folder), host, int(port), None, environment)
    return Served(process, where, lines)


def stop(served):
    served.process.terminate()
    try:
        served.process.wait(20)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    running = serve(tmp_path_factory.mktemp("odr"))
    yield running
    stop(running)


@pytest.fixture(scope="module")
def logins(served):
    return before.hire_all(served.where)


@pytest.fixture(scope="module")
def house(served, logins):
    """Mediator and clerk, logged in once: each code of their authenticators works only once."""
    return before.open_house(served.where, logins)


@pytest.fixture(scope="module")
def hours():
    """One free hour after the other."""
    return itertools.count(0, 2)


@pytest.fixture
def appointment(served, house, hours):
    """A case that is filed, accepted, appointed and consented to: the robots did it over HTTP."""
    begins_in = timedelta(hours=next(hours), minutes=1)
    return before.prepare(served.where, house, Story(lambda _line: None), begins_in=begins_in)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        launched.phone = {
            name: value
            for name, value in playwright.devices["iPhone 13"].items()
            if name != "default_browser_type"
        }
        yield launched
        launched.close()


@pytest.fixture
def people(browser):
    """Makes browser contexts that are closed at the end."""
    contexts = []

    def person(served, visitor=None, *, phone=False):
        options = browser.phone if phone else {"viewport": {"width": 1440, "height": 900}}
        context = browser.new_context(
            **options, locale="zh-CN", permissions=["camera", "microphone"]
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        if visitor is not None:
            context.add_cookies(
                [
                    {"name": cookie.name, "value": cookie.value, "url": served.where.url}
                    for cookie in visitor.session.cookies
                ]
            )
        return context.new_page()

    yield person
    for context in contexts:
        context.close()
