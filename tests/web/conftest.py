"""One installation of the web on an empty database, and two browsers in front of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from odr.bootstrap import bootstrap
from odr.db import Base, engine
from odr.settings import Settings
from odr.web.app import create_app
from tests.web.party_cast import Browser


class Reader(FlaskClient):
    """Reads every answer to its end, so that a file that is sent is closed as a browser would."""

    def open(self, *args, **kwargs):
        return super().open(*args, **(kwargs | {"buffered": True}))


@pytest.fixture(autouse=True, scope="session")
def readers():
    Flask.test_client_class = Reader
    yield
    Flask.test_client_class = None


@pytest.fixture
def settings(tmp_path):
    return Settings.from_env({"ODR_DATA": str(tmp_path / "data"), "ODR_ENVIRONMENT": "test"})


@pytest.fixture
def app(settings):
    made = create_app(settings, bootstrap(settings))
    with made.app_context():
        Base.metadata.create_all(engine())
    return made


@pytest.fixture
def browser(app, settings):
    return Browser(app, settings.data)


@pytest.fixture
def other(app, settings):
    return Browser(app, settings.data)
