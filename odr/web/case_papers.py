"""The plain papers of a case as downloads, made anew from its rows each time; it decides no right."""

import io
from typing import Any
from uuid import UUID

from flask import send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from odr.cases.models import Case
from odr.errors import NotFound
from odr.mediation import forms
from odr.settlement import service as settlement
from odr.settlement.forms import Form, render_form
from odr.web.audience import names_of
from odr.web.house import L, house, language

ENGLISH = "-en"


def rows(session: Session, case: Case, base: str, party_id: UUID | None = None) -> list[Any]:
    """Title and address of each paper that a reader may have, and of the page of the drafts.

    The Chinese ones count; who reads in another language gets the companions as well.
    """
    wanted = dict.fromkeys(("zh", language()))
    found = [form for one in wanted for form in _papers(session, case, one, party_id)]
    told = [{"title": form.title, "url": f"{base}/papers/{form.name}.pdf"} for form in found]
    if settlement.current_proposal(session, case.id):
        title = L("方案怎么改过来的（各版本）", "How the terms came about (all versions)")
        told.append({"title": title, "url": f"{base}/drafts"})
    return told


def answer(session: Session, case: Case, name: str, party_id: UUID | None = None) -> Response:
    """One paper; NotFound when the case has not come to it or it is for another reader."""
    wanted = "en" if name.endswith(ENGLISH) else "zh"
    for form in _papers(session, case, wanted, party_id):
        if form.name == name:
            pdf = render_form(form, house().gateways.authority.cache)
            title = f"{form.title} {case.case_no}.pdf"
            return send_file(io.BytesIO(pdf), mimetype="application/pdf", download_name=title)
    raise NotFound


def _papers(session: Session, case: Case, wanted: str, party_id: UUID | None) -> list[Form]:
    installation = house()
    about = (names_of(installation), installation.settings.public_url)
    return forms.for_reader(session, case, about, wanted, party_id)
