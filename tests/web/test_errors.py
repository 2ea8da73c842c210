import pytest
from flask import Flask, abort

from odr.errors import NotFound, Refused, Tampered, Unavailable
from odr.web.errors import init_errors, status_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("web.missing", field="x"), 409),
        (Refused("web.log-in-first"), 401),
        (Refused("web.stale-form"), 403),
        (NotFound(), 404),
        (Tampered("common.not-found"), 500),
        (Unavailable("web.our-fault"), 503),
    ],
)
def test_each_no_has_its_status(error, status):
    assert status_of(error) == status


@pytest.fixture
def api():
    app = Flask(__name__)
    init_errors(app)

    @app.get("/api/<what>")
    def view(what):
        if what == "crash":
            raise ZeroDivisionError("secret detail")
        if what == "away":
            raise Unavailable("web.our-fault")
        abort(405)

    return app.test_client()


def test_a_crash_tells_a_sentence_and_no_detail(api):
    answer = api.get("/api/crash")
    assert answer.status_code == 500
    assert answer.json["key"] == "web.our-fault"
    assert "secret" not in answer.text


def test_what_is_away_may_be_asked_again(api):
    answer = api.get("/api/away")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


def test_the_sentence_is_in_the_readers_language(api):
    assert "不是您的错" in api.get("/api/crash").json["error"]
    api.set_cookie("lang", "en")
    assert "our side" in api.get("/api/crash").json["error"]


def test_http_errors_are_sentences_too(api):
    assert api.get("/api/other").status_code == 405
    assert api.get("/api/other").json["ok"] is False
