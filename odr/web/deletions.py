"""Periods of keeping, and certificates of what was deleted, for those who watch; it deletes nothing."""

import json
from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy import select

from odr.archive import retention
from odr.archive.models import DeletionCertificate
from odr.cases.models import Case
from odr.db import reading
from odr.errors import NotFound
from odr.identity.rights import Role
from odr.law.retention import rules
from odr.web import desk
from odr.web.auth import requires
from odr.web.house import now

blueprint = Blueprint("deletions", __name__, url_prefix="/deletions")
MOST_SHOWN = 200
READERS = (Role.CLERK, Role.COURT, Role.AUDITOR)


@blueprint.get("", strict_slashes=False)
@requires(*READERS)
def table() -> str:
    """The table of periods, what is due now, and the newest certificates."""
    with reading() as session:
        query = select(DeletionCertificate, Case.case_no)
        query = query.outerjoin(Case, Case.id == DeletionCertificate.case_id)
        newest = query.order_by(DeletionCertificate.at.desc()).limit(MOST_SHOWN)
        rows = session.execute(newest).all()
        due = retention.due(session, now())
        return desk.page("court/deletions.html", rules=rules(), rows=rows, due=len(due))


@blueprint.get("/<uuid:certificate>")
@requires(*READERS)
def one(certificate: UUID) -> str:
    """One certificate for people, to be printed."""
    with reading() as session:
        row = session.get(DeletionCertificate, certificate)
        if row is None:
            raise NotFound
        case = session.get(Case, row.case_id) if row.case_id else None
        return desk.page("court/deletion.html", row=row, case=case)


@blueprint.get("/<uuid:certificate>.json")
@requires(*READERS)
def signed(certificate: UUID) -> Response:
    """The same as it was signed: body, and detached CMS over its canonical bytes (base64)."""
    with reading() as session:
        row = session.get(DeletionCertificate, certificate)
        if row is None:
            raise NotFound
        text = json.dumps({"body": row.body, "signature": row.signature}, ensure_ascii=False)
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="deletion-{certificate}.json"'
    return answer
