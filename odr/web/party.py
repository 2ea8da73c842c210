"""A party's own pages: what to do now, her cases, her consents, what she brings; she sees only her side's door."""

from pathlib import Path
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from odr.cases import access, consents
from odr.cases import service as cases
from odr.cases.models import Case, Evidence, Party
from odr.db import reading, transaction
from odr.errors import NotFound, OdrError, Refused, Unavailable
from odr.identity import service as identity
from odr.identity.models import Person
from odr.identity.rights import Right, Role
from odr.settlement import service as settlement
from odr.web import case_drafts, case_papers, desk_files, forms
from odr.web.auth import requires
from odr.web.house import L, ctx, house, language
from odr.web.party_view import PURPOSES, consented, view_of

blueprint = Blueprint("party", __name__, url_prefix="/p")

NAME = ("姓名", "Name")
ID_NUMBER = ("身份证号", "ID number")
TITLE = ("材料名称", "What it is")
FILE = ("照片或 PDF", "Picture or PDF")


@blueprint.get("")
@requires(Role.PARTY)
def home() -> ResponseReturnValue:
    """Her first page: one thing to do, then the rest."""
    with reading() as session:
        me = person(session)
        views = [view_of(session, me, case) for case in access.cases_of(session, me)]
        views.sort(key=lambda view: (view.stage == len(PURPOSES) + 2, view.case.filed_at))
        return render_template("party/home.html", views=views, me=me)


@blueprint.route("/register", methods=["GET", "POST"])
@requires(Role.PARTY)
def register() -> ResponseReturnValue:
    """Name and ID number; the number's check digit is looked at at once."""
    if request.method == "GET":
        return render_template("party/register.html", name=g.person.name, id_number="", error=None)
    try:
        name = forms.text("name", NAME, most=120)
        number = forms.text("id_number", ID_NUMBER, most=40)
        with transaction() as session:
            me = person(session)
            identity.register(session, ctx(), me, name, number)
            ahead = _after_registering(session, me)
    except OdrError as error:
        typed = {
            "name": request.form.get("name", ""),
            "id_number": request.form.get("id_number", ""),
        }
        words = error.sentence(language())
        return render_template("party/register.html", error=words, **typed), 409
    return redirect(ahead)


def _after_registering(session: Session, me: Person) -> str:
    for case in access.cases_of(session, me):
        party = access.party_of(case, me)
        if party is not None and consented(session, case, party) != frozenset(PURPOSES):
            return url_for("party.consent", case_id=case.id)
    return url_for("party.home")


@blueprint.get("/cases/<uuid:case_id>")
@requires(Role.PARTY)
def case(case_id: UUID) -> ResponseReturnValue:
    """One case: how far it is, what comes next, papers and people."""
    with reading() as session:
        me = person(session)
        found = access.case_for(session, me, case_id, Right.SEE_CASE)
        return render_template("party/case.html", view=view_of(session, me, found))


@blueprint.route("/cases/<uuid:case_id>/consent", methods=["GET", "POST"])
@requires(Role.PARTY)
def consent(case_id: UUID) -> ResponseReturnValue:
    """Consent to the mediation online and to its recording, each on its own, by the text shown."""
    if request.method == "GET":
        with reading() as session:
            found, party = _mine(session, case_id, Right.SEE_CASE)
            given = consented(session, found, party)
            return _consent_page(found, given, None)
    try:
        with transaction() as session:
            found, party = _mine(session, case_id, Right.SEE_CASE)
            _agree_to_all(session, party)
    except Refused as error:
        with reading() as session:
            found, party = _mine(session, case_id, Right.SEE_CASE)
            words = error.sentence(language())
            return _consent_page(found, consented(session, found, party), words), 409
    return redirect(url_for("party.case", case_id=case_id))


def _agree_to_all(session: Session, party: Party) -> None:
    if not all(forms.flag(purpose) for purpose in PURPOSES):
        raise Refused("web.tick-both")
    for purpose in PURPOSES:
        _agree(session, party, purpose)


def _agree(session: Session, party: Party, purpose: str) -> None:
    version, _text, text_hash = consents.text(purpose, language())
    shown = request.form.get(f"hash_{purpose}", text_hash)
    if shown != text_hash:
        raise Refused("web.text-changed")
    cases.give_consent(session, ctx(), party, purpose, text_hash, version)


def _consent_page(found: Case, given: frozenset[str], error: str | None) -> str:
    titles = {
        "online_mediation": L("同意通过视频在线调解", "I agree to mediate online by video"),
        "recording": L("同意全程录音录像", "I agree to be recorded in sound and picture"),
    }
    texts = []
    for purpose in PURPOSES:
        version, text, text_hash = consents.text(purpose, language())
        texts.append((purpose, titles[purpose], text, text_hash, version))
    return render_template("party/consent.html", case=found, given=given, texts=texts, error=error)


@blueprint.route("/cases/<uuid:case_id>/evidence", methods=["GET", "POST"])
@requires(Role.PARTY)
def evidence(case_id: UUID) -> ResponseReturnValue:
    """Bring a picture or a PDF; it is kept byte for byte and its hash is told."""
    if request.method == "GET":
        return _evidence_page(case_id, None)
    try:
        title = forms.text("title", TITLE, most=200)
        file = forms.upload("file", FILE)
        upload = cases.Upload(title=title, filename=file.filename or "", data=file.read())
        with transaction() as session:
            found, party = _mine(session, case_id, Right.UPLOAD_EVIDENCE)
            cases.add_evidence(session, ctx(), found, party, upload, house().settings.files_dir)
    except Refused as error:
        return _evidence_page(case_id, error.sentence(language())), 409
    return redirect(url_for("party.evidence", case_id=case_id))


def _evidence_page(case_id: UUID, error: str | None) -> str:
    with reading() as session:
        found, _party = _mine(session, case_id, Right.UPLOAD_EVIDENCE)
        view = view_of(session, person(session), found)
        return render_template("party/evidence.html", view=view, error=error)


@blueprint.get("/cases/<uuid:case_id>/evidence/<uuid:evidence_id>")
@requires(Role.PARTY)
def evidence_file(case_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """One file of the case, as it was brought."""
    with reading() as session:
        found, _party = _mine(session, case_id, Right.SEE_CASE)
        row = session.get(Evidence, evidence_id)
        if row is None or row.case_id != found.id:
            raise NotFound
        return desk_files.evidence_file(found, row)


@blueprint.get("/cases/<uuid:case_id>/agreement.pdf")
@requires(Role.PARTY)
def agreement(case_id: UUID) -> ResponseReturnValue:
    """The signed agreement, as it is kept."""
    with reading() as session:
        found, _party = _mine(session, case_id, Right.SEE_CASE)
        row = settlement.agreement_of(session, found.id)
        if row is None:
            raise NotFound
        return _file(row.path, "application/pdf", f"{row.number}.pdf")


@blueprint.get("/cases/<uuid:case_id>/papers/<name>.pdf")
@requires(Role.PARTY)
def paper(case_id: UUID, name: str) -> ResponseReturnValue:
    """One of the plain papers of her case."""
    with reading() as session:
        found, party = _mine(session, case_id, Right.SEE_CASE)
        return case_papers.answer(session, found, name, party.id)


@blueprint.get("/cases/<uuid:case_id>/drafts")
@requires(Role.PARTY)
def drafts(case_id: UUID) -> ResponseReturnValue:
    """How the terms came about: each version, what it changed, who said what to it."""
    with reading() as session:
        found, _ = _mine(session, case_id, Right.SEE_CASE)
        rows = case_drafts.rows(session, found)
        return render_template("party/drafts.html", case=found, versions=rows)


def _file(path: str, media_type: str, name: str) -> ResponseReturnValue:
    if not Path(path).is_file():
        raise Unavailable("web.file-is-gone", permanent=True)
    return send_file(
        Path(path).resolve(), mimetype=media_type, as_attachment=True, download_name=name
    )


def person(session: Session) -> Person:
    """Who asks, as a row of this transaction."""
    found = session.get(Person, g.person.id)
    if found is None:
        raise NotFound
    return found


def _mine(session: Session, case_id: UUID, right: Right) -> tuple[Case, Party]:
    me = person(session)
    found = access.case_for(session, me, case_id, right)
    party = access.party_of(found, me)
    if party is None:
        raise NotFound
    return found, party
