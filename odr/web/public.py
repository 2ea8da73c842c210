"""What anybody may see: the first page, the verification of a document, the health of the house."""

import tempfile
from pathlib import Path

from flask import Blueprint, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from odr.archive import verify as verification
from odr.db import reading, transaction
from odr.errors import OdrError, Refused
from odr.identity import service, tokens
from odr.identity.models import Person
from odr.web import forms
from odr.web.auth import enter, home_of, secure
from odr.web.demo_door import ENVIRONMENTS, read_demo_token
from odr.web.house import ctx, house, language, now

blueprint = Blueprint("public", __name__)

DOCUMENT = ("要核对的 PDF 文书", "PDF document to verify")
YEAR = 365 * 24 * 3600


@blueprint.get("/")
def landing() -> ResponseReturnValue:
    """The first page; who is signed in goes on to her own."""
    if g.person is not None:
        return redirect(home_of(g.person))
    return render_template("public/landing.html")


@blueprint.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Browsers ask for this name whatever a page says."""
    return redirect("/static/favicon.svg", 301)


@blueprint.get("/steps")
def steps() -> ResponseReturnValue:
    """What happens in a mediation, and the rights and duties of who takes part."""
    return render_template("public/steps.html")


@blueprint.get("/look")
def look() -> ResponseReturnValue:
    """Choose language or print size, then return to the page one came from."""
    back = request.args.get("back", "/")
    safe = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = redirect(back if safe else "/")
    for name, allowed in (("lang", {"zh", "en"}), ("elder", {"0", "1"})):
        if (value := request.args.get(name)) in allowed:
            answer.set_cookie(name, str(value), max_age=YEAR, samesite="Lax", secure=secure())
    return answer


@blueprint.route("/verify", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Check a document: signatures, time stamps and whether one byte was changed."""
    if request.method == "GET":
        return render_template("public/verify.html", findings=None, name="", error=None)
    try:
        file = forms.upload("file", DOCUMENT)
        with tempfile.TemporaryDirectory(prefix="odr-verify-") as folder:
            path = Path(folder) / "document.pdf"
            file.save(path)
            if not path.read_bytes()[:5].startswith(b"%PDF-"):
                raise Refused("web.not-a-pdf")
            findings = verification.verify_path(path)
    except OdrError as error:
        words = error.sentence(language())
        page = render_template("public/verify.html", findings=None, name="", error=words)
        return page, 409
    return render_template(
        "public/verify.html", findings=findings, name=file.filename or "", error=None
    )


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether this process answers."""
    return jsonify(ok=True)


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether this process can work: its database answers."""
    with reading() as session:
        session.execute(text("SELECT 1"))
    return jsonify(ok=True, environment=house().settings.environment)


@blueprint.get("/demo/in/<token>")
def demo_in(token: str) -> ResponseReturnValue:
    """Take a role of the demonstration by a link that is good once."""
    settings = house().settings
    if settings.environment not in ENVIRONMENTS:
        raise Refused("web.demo-only")
    role, who, nonce = read_demo_token(settings.service_secret, token)
    with transaction() as session:
        tokens.spend(session, f"demo:{nonce}", now())
        person = session.get(Person, who)
        if person is None or person.role != role:
            raise Refused("web.demo-only")
        opened = service.open_session(session, ctx(), person)
        home = home_of(person)
    return enter(redirect(home), person, opened.token)
