"""Who asks, and whether the request comes from our own page; it does not know what is asked for.

Every endpoint is closed unless its name stands in ``PUBLIC``. Every unsafe method needs the token of
the form it came from, and must not come from another site.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, g, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity import service
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.web.house import ctx, house

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC = frozenset(
    {
        "static",
        "public.landing",
        "public.favicon",
        "public.look",
        "public.steps",
        "public.verify",
        "public.healthz",
        "public.readyz",
        "public.demo_in",
        "login.phone",
        "login.code",
        "login.staff",
        "login.invitation",
        "login.leave_house",
    }
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SEEN_EVERY = timedelta(seconds=60)
HOMES = {
    Role.PARTY: "/p",
    Role.MEDIATOR: "/m",
    Role.CLERK: "/c",
    Role.COURT: "/court",
    Role.ADMIN: "/admin",
    Role.AUDITOR: "/c",
}
FORM_COOKIE = "odr-form"


def secure() -> bool:
    """Whether browsers reach this installation by https only."""
    settings = house().settings
    return settings.production or settings.public_url.startswith("https://")


def cookie_name() -> str:
    """The session cookie's name; the prefix binds it to this host and to https."""
    return "__Host-odr" if secure() else "odr"


def home_of(person: Person) -> str:
    """Where a person of this role starts."""
    return HOMES.get(Role(person.role), "/")


def enter(answer: Response, person: Person, token: str) -> Response:
    """Put the session cookie on an answer; staff cookies never travel from another site."""
    strict = person.role != Role.PARTY
    answer.set_cookie(
        cookie_name(),
        token,
        max_age=12 * 3600,
        secure=secure(),
        httponly=True,
        samesite="Strict" if strict else "Lax",
        path="/",
    )
    return answer


def leave(answer: Response) -> Response:
    """Take the session cookie away."""
    answer.delete_cookie(cookie_name(), path="/", secure=secure(), httponly=True, samesite="Lax")
    return answer


def requires(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only these roles know of this page; everybody else gets NotFound."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if g.person is None or g.person.role not in roles:
                raise NotFound
            return view(*args, **kwargs)

        return guarded

    return wrap


def csrf_token() -> str:
    """The token that this visitor's forms carry."""
    if g.web_session is not None:
        return str(g.web_session.csrf)
    if "form_seed" not in g:
        g.form_seed = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    return _form_token(g.form_seed)


def csrf_field() -> Markup:
    """The hidden field with that token."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


def init_auth(app: Flask) -> None:
    """Stand at the door of an application."""
    app.before_request(_recognise)
    app.before_request(_own_page_only)
    app.before_request(_closed_unless_public)
    app.after_request(_keep_form_cookie)


def _recognise() -> None:
    g.person, g.web_session = None, None
    token = request.cookies.get(cookie_name())
    if not token or request.endpoint == "static":
        return
    with reading() as session:
        found = service.session_of(session, ctx(), token)
        stale = found is not None and ctx().now - found[1].seen_at > SEEN_EVERY
        session.expunge_all()
    if stale:
        with transaction() as session:
            found = service.session_of(session, ctx(), token)
            if found is not None:
                service.touch(found[1], ctx().now)
    if found is not None:
        g.person, g.web_session = found


def _own_page_only() -> None:
    if request.method in SAFE or request.endpoint is None:
        return
    if _from_elsewhere():
        raise Refused("web.foreign-page")
    given = request.headers.get("X-CSRF") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), _expected().encode()):
        raise Refused("web.stale-form")


def _from_elsewhere() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    if origin == "null":  # what browsers send under our own no-referrer policy
        return site != "same-origin"
    ours = {_origin(request.host_url), _origin(house().settings.public_url)}
    return bool(origin) and origin not in ours


def _closed_unless_public() -> Response | None:
    if request.endpoint is None or request.endpoint in PUBLIC or g.person is not None:
        return None
    if request.method in SAFE and not request.path.startswith("/api"):
        staff = request.path.startswith(("/m", "/c", "/admin"))
        return redirect("/staff" if staff else "/in")
    raise Refused("web.log-in-first")


def _expected() -> str:
    if g.web_session is not None:
        return str(g.web_session.csrf)
    seed = request.cookies.get(FORM_COOKIE, "")
    return _form_token(seed) if seed else secrets.token_hex(16)


def _form_token(seed: str) -> str:
    key = house().settings.service_secret.encode()
    return hmac.new(key, f"form:{seed}".encode(), hashlib.sha256).hexdigest()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _keep_form_cookie(answer: Response) -> Response:
    if "form_seed" in g and FORM_COOKIE not in request.cookies:
        answer.set_cookie(
            FORM_COOKIE, g.form_seed, secure=secure(), httponly=True, samesite="Lax", path="/"
        )
    return answer
