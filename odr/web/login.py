"""How people come in: by phone and code, by their own link, or as staff; it keeps no password rule."""

from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from odr.cases import service as cases
from odr.db import reading, transaction
from odr.errors import OdrError
from odr.identity import idcard, service
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.web import forms
from odr.web.auth import cookie_name, enter, home_of, leave
from odr.web.house import ctx, language

blueprint = Blueprint("login", __name__)

PHONE = ("手机号", "Mobile number")
CODE = ("验证码", "Code")
NAME = ("账号", "Account")
PASSWORD = ("密码", "Password")
TOTP = ("动态码", "Authenticator code")


@blueprint.route("/in", methods=["GET", "POST"])
def phone() -> ResponseReturnValue:
    """Ask for the number and send a code to it; the answer never tells whether it is known."""
    if request.method == "GET":
        if g.person is not None:
            return redirect(home_of(g.person))
        return render_template("login/phone.html", phone="", error=None)
    typed = request.form.get("phone", "")
    try:
        number = idcard.check_phone(forms.text("phone", PHONE, most=30))
        with transaction() as session:
            attempt = service.ask_code(session, ctx(), number, purpose="login", ip=_address())
    except OdrError as error:
        words = error.sentence(language())
        return render_template("login/phone.html", phone=typed, error=words), 409
    return redirect(url_for("login.code", attempt=attempt))


@blueprint.route("/in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """Compare the code; a wrong one is counted even though it is refused."""
    if request.method == "GET":
        return _code_page(request.args.get("attempt", ""), request.args.get("invitation", ""), None)
    invitation = request.form.get("invitation", "")
    try:
        return _with_code(forms.identifier("attempt"), invitation)
    except OdrError as error:
        words = error.sentence(language())
        return _code_page(request.form.get("attempt", ""), invitation, words), 409


def _with_code(attempt: UUID, invitation: str) -> Response:
    typed = forms.text("code", CODE, most=12)
    with transaction() as session:
        result = service.confirm_code(session, ctx(), attempt, typed)
        person = result.person
        if person is not None:
            party = cases.use_invitation(session, ctx(), invitation, person) if invitation else None
            opened = service.open_session(session, ctx(), person)
            ahead = _ahead(person, party.case_id if party else None)
    if person is None:
        if result.refusal is None:
            raise RuntimeError("a code was neither taken nor refused")
        raise result.refusal
    return enter(redirect(ahead), person, opened.token)


def _ahead(person: Person, case_id: UUID | None) -> str:
    if person.role != Role.PARTY:
        return home_of(person)
    if not person.name:
        return url_for("party.register")
    return url_for("party.consent", case_id=case_id) if case_id else home_of(person)


@blueprint.route("/i/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """A personal link: say whom it is for, then send a code to exactly that phone."""
    if request.method == "POST":
        with transaction() as session:
            party = cases.open_invitation(session, ctx(), token)
            number = service.party_phone(ctx(), party)
            attempt = service.ask_code(session, ctx(), number, purpose="login", ip=_address())
        return redirect(url_for("login.code", attempt=attempt, invitation=token))
    with reading() as session:
        party = cases.open_invitation(session, ctx(), token)
        number = service.party_phone(ctx(), party)
        return render_template(
            "login/invitation.html",
            party=party,
            case=party.case,
            name=idcard.mask_name(party.name),
            phone=idcard.mask_phone(number),
        )


@blueprint.route("/staff", methods=["GET", "POST"])
def staff() -> ResponseReturnValue:
    """Mediators, clerks and the court: account, password and a code that works once."""
    if request.method == "GET":
        return render_template("login/staff.html", login_name="", error=None)
    try:
        return _with_password()
    except OdrError as error:
        words, typed = error.sentence(language()), request.form.get("login_name", "")
        return render_template("login/staff.html", login_name=typed, error=words), 409


def _with_password() -> Response:
    name = forms.text("login_name", NAME, most=60)
    password = request.form.get("password", "")[:200]
    totp = forms.text("totp", TOTP, most=12)
    with transaction() as session:
        result = service.staff_login(session, ctx(), name, password, totp)
        person = result.person
        if person is not None:
            opened = service.open_session(session, ctx(), person)
    if person is None:
        if result.refusal is None:
            raise RuntimeError("a password was neither taken nor refused")
        raise result.refusal
    return enter(redirect(home_of(person)), person, opened.token)


@blueprint.post("/out")
def leave_house() -> ResponseReturnValue:
    """Sign out; the session is revoked at once."""
    token = request.cookies.get(cookie_name())
    if token:
        with transaction() as session:
            service.close_session(session, ctx(), token)
    return leave(redirect("/"))


def _code_page(attempt: str, invitation: str, error: str | None) -> str:
    return render_template("login/code.html", attempt=attempt, invitation=invitation, error=error)


def _address() -> str:
    return request.remote_addr or ""
