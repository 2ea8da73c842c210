"""How the text of an agreement came about, as a page for each who belongs to the case; it decides no right."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, request
from sqlalchemy.orm import Session

from odr.cases import access
from odr.cases.models import Case
from odr.db import reading
from odr.identity.rights import Right, Role
from odr.mediation import drafts
from odr.web import desk
from odr.web.auth import requires
from odr.web.house import language


def rows(session: Session, case: Case) -> list[dict[str, Any]]:
    """All versions, the newest first: who wrote it and when, what changed, who said what to it."""
    return list(reversed(drafts.history(session, case, language())))


def add_to(blueprint: Blueprint, *roles: Role) -> None:
    """Hang the page under a desk's address, for its roles only."""
    view = requires(*roles)(_desk_page)
    blueprint.add_url_rule("/cases/<uuid:case_id>/drafts", "drafts", view, methods=["GET"])


def _desk_page(case_id: UUID) -> str:
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.SEE_CASE)
        base = request.path.removesuffix("/drafts")
        return desk.page("desk_drafts.html", case=case, versions=rows(session, case), base=base)
