"""How each kind of no is shown: a sentence on a page, or in JSON under /api; it never shows a traceback."""

import logging

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from odr.errors import NotFound, OdrError, Refused, Tampered, Unavailable
from odr.web.auth import home_of
from odr.web.house import language

logger = logging.getLogger(__name__)

STATUS: dict[type[OdrError], int] = {Refused: 409, NotFound: 404, Tampered: 500, Unavailable: 503}
SPECIAL = {"web.log-in-first": 401, "web.foreign-page": 403, "web.stale-form": 403}
HTTP_KEYS = {404: "common.not-found", 405: "common.not-found", 413: "web.too-big"}


def init_errors(app: Flask) -> None:
    """Teach an application to say no."""
    app.register_error_handler(OdrError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: OdrError) -> int:
    """The HTTP status of one refusal."""
    if error.key in SPECIAL:
        return SPECIAL[error.key]
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def _refused(error: OdrError) -> ResponseReturnValue:
    status = status_of(error)
    level = logging.ERROR if isinstance(error, Tampered) else logging.INFO
    logger.log(level, "refused %s %s: %s", request.method, request.endpoint, error.key)
    return _answer(error, status)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    key = HTTP_KEYS.get(status, "web.bad-request")
    return _answer(Refused(key), status)


def _unexpected(error: Exception) -> ResponseReturnValue:
    logger.error("failed %s %s", request.method, request.endpoint, exc_info=error)
    return _answer(Unavailable("web.our-fault"), 500)


def _answer(error: OdrError, status: int) -> ResponseReturnValue:
    words = error.sentence(language())
    if request.path.startswith("/api"):
        answer = jsonify(ok=False, error=words, key=error.key)
    else:
        answer = _page(words, status)
    answer.status_code = status
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = "30"
    return answer


def _page(words: str, status: int) -> Response:
    person = g.get("person")
    back = home_of(person) if person is not None else "/"
    return make_response(render_template("error.html", words=words, status=status, back=back))
