"""Files of a case for those who work on it: evidence and agreement, byte for byte; it makes none."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, g, send_file
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from odr.cases import access
from odr.cases import service as cases
from odr.cases.models import Case, Evidence
from odr.db import reading
from odr.errors import NotFound, Unavailable
from odr.identity.rights import Right, Role
from odr.settlement import service as settlement
from odr.web import case_papers
from odr.web.auth import requires
from odr.web.house import L, house, local_time

View = Callable[..., Response]


def add_to(blueprint: Blueprint, *roles: Role) -> None:
    """Hang the files under a desk's address, for its roles only."""
    guard = requires(*roles)
    views: tuple[tuple[str, str, View], ...] = (
        ("/cases/<uuid:case_id>/evidence/<uuid:evidence_id>", "evidence", guard(evidence)),
        ("/cases/<uuid:case_id>/agreement.pdf", "agreement", guard(agreement)),
        ("/cases/<uuid:case_id>/papers/<name>.pdf", "paper", guard(paper)),
    )
    for rule, name, view in views:
        blueprint.add_url_rule(rule, name, view, methods=["GET"])


def evidence(case_id: UUID, evidence_id: UUID) -> Response:
    """One file that a party brought, as she brought it."""
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.SEE_OTHER_EVIDENCE)
        row = session.get(Evidence, evidence_id)
        if row is None or row.case_id != case.id:
            raise NotFound
        return evidence_file(case, row)


def agreement(case_id: UUID) -> Response:
    """The agreement in its present revision."""
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.SEE_CASE)
        row = settlement.agreement_of(session, case.id)
        if row is None:
            raise NotFound
        return _file(row.path, "application/pdf", f"{row.number}.pdf")


def paper(case_id: UUID, name: str) -> Response:
    """One of the plain papers."""
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.SEE_CASE)
        return case_papers.answer(session, case, name)


def evidence_file(case: Case, row: Evidence) -> Response:
    """One file as it was brought, for whoever may have it."""
    content = cases.read_evidence(house().gateways.vault, case, row, Path(row.path))
    name = f"{row.title}{Path(row.path).suffix}"
    return send_file(
        BytesIO(content), mimetype=row.media_type, as_attachment=True, download_name=name
    )


def evidence_of(session: Session, case: Case, base: str) -> list[dict[str, Any]]:
    """The evidence of a case as rows for a page whose address begins with ``base``."""
    names = {party.id: party.name for party in case.parties}
    query = select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.at)
    return [
        {
            "title": item.title,
            "by": names.get(item.party_id, "") if item.party_id else "",
            "sha256": item.sha256,
            "size": file_size(item.size),
            "url": f"{base}/evidence/{item.id}",
        }
        for item in session.scalars(query)
    ]


def agreement_of(session: Session, case: Case, base: str) -> dict[str, Any] | None:
    """Number, state, hash and address of the agreement, or None."""
    row = settlement.agreement_of(session, case.id)
    if row is None:
        return None
    words = {
        "signing": L("签署中", "being signed"),
        "effective": L("已生效", "effective"),
        "sealed": L("已生效并盖章", "effective and sealed"),
        "refused": L("拒绝签名", "signature refused"),
    }
    return {
        "number": row.number,
        "state": words.get(row.status, row.status),
        "since": local_time(row.effective_at or row.prepared_at),
        "sha256": row.sha256,
        "url": f"{base}/agreement.pdf",
    }


def file_size(size: int) -> str:
    """Bytes as people read them."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def _file(path: str, media_type: str, name: str) -> Response:
    if not Path(path).is_file():
        raise Unavailable("web.file-is-gone", permanent=True)
    return send_file(
        Path(path).resolve(), mimetype=media_type, as_attachment=True, download_name=name
    )
