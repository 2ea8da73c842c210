"""The web application: one blueprint per audience, strict headers, refuse by default; no rule lives here."""

import hashlib
from pathlib import Path

from flask import Flask, request
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

import odr
from odr import db
from odr.bootstrap import Gateways
from odr.settings import Settings
from odr.web import (
    admin,
    clerk,
    court,
    deletions,
    login,
    mediator,
    party,
    party_apply,
    party_own,
    party_room,
    public,
    room_api,
    sockets,
)
from odr.web.auth import csrf_field, csrf_token, init_auth, secure
from odr.web.errors import init_errors
from odr.web.house import House, L, asset, icon, language, large_print, local_time, yuan

STATIC = Path(odr.__file__).parent.parent / "static"
SMALL = 1024 * 1024
LARGE = 32 * 1024 * 1024
LARGE_UPLOADS = frozenset({"public.verify", "party.evidence"})
BLUEPRINTS = (
    public.blueprint,
    login.blueprint,
    party.blueprint,
    party_apply.blueprint,
    party_own.blueprint,
    party_room.blueprint,
    mediator.blueprint,
    clerk.blueprint,
    court.blueprint,
    deletions.blueprint,
    admin.blueprint,
    room_api.blueprint,
)


def create_app(settings: Settings, gateways: Gateways) -> Flask:
    """Build the application of one installation."""
    app = Flask("odr.web", static_folder=str(STATIC), template_folder=_beside("templates"))
    app.config.update(MAX_CONTENT_LENGTH=SMALL, MAX_FORM_MEMORY_SIZE=500_000, MAX_FORM_PARTS=200)
    app.extensions["odr"] = House(settings, gateways)
    app.extensions["odr-assets"] = _hashes(STATIC)
    db.init_app(app, settings)
    _words(app)
    app.before_request(_room_for_files)
    init_auth(app)
    init_errors(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(_headers)
    sockets.init_sockets(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _words(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        L=L,
        asset=asset,
        icon=icon,
        csrf_field=csrf_field,
        csrf_token=csrf_token,
        language=language,
        large_print=large_print,
        local_time=local_time,
        yuan=yuan,
        settings=app.extensions["odr"].settings,
    )


def _room_for_files() -> None:
    if request.endpoint in LARGE_UPLOADS:
        request.max_content_length = LARGE


def _headers(answer: Response) -> Response:
    host = request.host
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"connect-src 'self' ws://{host} wss://{host}; object-src 'none'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Permissions-Policy"] = (
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if secure():
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    elif "v" in request.args:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        answer.headers["Cache-Control"] = "no-cache"
    return answer


def _beside(name: str) -> str:
    return str(Path(__file__).parent / name)


def _hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in files
    }
