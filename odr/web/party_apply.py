"""The application, one question a page; the draft is kept with the browser's session until it is sent."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from odr.cases import causes
from odr.cases import service as cases
from odr.db import transaction
from odr.errors import OdrError
from odr.identity import idcard
from odr.identity.models import Person, WebSession
from odr.identity.rights import Role
from odr.settlement.terms import capitals
from odr.web import forms
from odr.web.auth import requires
from odr.web.house import ctx, language

blueprint = Blueprint("apply", __name__, url_prefix="/p")

FIELDS = ("cause", "respondent_name", "respondent_phone", "story", "claim", "amount", "address")
LONGEST = 6000
LAST_STEP = 5
CAUSE = ("纠纷类型", "Kind of dispute")
OTHER = ("对方姓名或名称", "Name of the other side")
PHONE = ("对方手机号", "Phone of the other side")
STORY = ("事情经过", "What happened")
CLAIM = ("您的要求", "What you ask for")
AMOUNT = ("要求的金额", "Amount")
ADDRESS = ("您的联系地址", "Your address")


@blueprint.get("/apply")
@requires(Role.PARTY)
def ask() -> ResponseReturnValue:
    """One question, with what was answered before."""
    if not g.person.name:
        return redirect(url_for("party.register"))
    step = request.args.get("step", 1, type=int)
    return _page(min(max(step, 1), LAST_STEP), _draft(), None)


@blueprint.post("/apply")
@requires(Role.PARTY)
def answer() -> ResponseReturnValue:
    """Keep the answer and go to the next question; without ``go`` the whole application is sent."""
    way = request.form.get("go", "send")
    draft = {
        **_draft(),
        **{name: request.form[name][:LONGEST] for name in FIELDS if name in request.form},
    }
    step = request.form.get("step", LAST_STEP, type=int)
    if way == "send":
        return _send(draft)
    _keep(draft)
    if way == "later":
        return redirect(url_for("party.home"))
    if way == "back":
        return redirect(url_for("apply.ask", step=step - 1))
    try:
        _check(step)
    except OdrError as error:
        return _page(step, draft, error.sentence(language())), 409
    return redirect(url_for("apply.ask", step=step + 1))


def _check(step: int) -> None:
    if step == 1:
        _cause()
    elif step == 2:  # noqa: PLR2004 -- the second question: who is the other side
        forms.text("respondent_name", OTHER, most=120)
        idcard.check_phone(forms.text("respondent_phone", PHONE, most=30))
    elif step == 3:  # noqa: PLR2004 -- the third: what happened
        forms.text("story", STORY, most=5000)
    elif step == 4:  # noqa: PLR2004 -- the fourth: what is asked for
        forms.text("claim", CLAIM, most=2000)
        forms.money("amount", AMOUNT)
        forms.text("address", ADDRESS, most=300)


def _cause() -> str:
    typed = forms.text("cause", CAUSE, most=60)
    causes.find(typed)
    return typed


def _send(draft: dict[str, str]) -> ResponseReturnValue:
    try:
        filing = cases.Filing(
            cause=_cause(),
            claim=forms.text("claim", CLAIM, most=2000),
            story=forms.text("story", STORY, most=5000),
            amount_fen=forms.money("amount", AMOUNT),
            respondent_name=forms.text("respondent_name", OTHER, most=120),
            respondent_phone=idcard.check_phone(forms.text("respondent_phone", PHONE, most=30)),
            applicant_address=forms.text("address", ADDRESS, most=300),
        )
        with transaction() as session:
            me = session.get_one(Person, g.person.id)
            case = cases.file(session, ctx(), me, filing)
            session.get_one(WebSession, g.web_session.id).traits = _without_draft()
    except OdrError as error:
        _keep(draft)
        return _page(LAST_STEP, draft, error.sentence(language())), 409
    return redirect(url_for("party.case", case_id=case.id))


def _page(step: int, draft: dict[str, str], error: str | None) -> str:
    filled = {name: draft.get(name, "") for name in FIELDS}
    return render_template(
        "party/apply.html",
        step=step,
        last=LAST_STEP,
        draft=filled,
        error=error,
        causes=[(cause.key, causes.name(cause.key, language())) for cause in causes.all_causes()],
        words=_in_words(filled["amount"]),
    )


def _in_words(typed: str) -> str:
    plain = typed.replace(",", "").replace("，", "").strip()
    return capitals(int(plain) * 100) if plain.isascii() and plain.isdecimal() else ""


def _draft() -> dict[str, str]:
    kept = g.web_session.traits.get("draft", {})
    return {name: str(kept[name]) for name in FIELDS if name in kept}


def _without_draft() -> dict[str, object]:
    return {name: value for name, value in g.web_session.traits.items() if name != "draft"}


def _keep(draft: dict[str, str]) -> None:
    with transaction() as session:
        row = session.get_one(WebSession, g.web_session.id)
        row.traits = {**row.traits, "draft": draft}
