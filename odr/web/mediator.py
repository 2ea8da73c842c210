"""The mediator's desk: docket, case, room; it does not know how a mediation is conducted."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from odr import clock
from odr.cases import access
from odr.cases.status import CaseStatus, Outcome
from odr.db import reading
from odr.identity.rights import Right, Role
from odr.mediation import sittings
from odr.mediation.models import Session as Sitting
from odr.mediation.scene import CLOSED
from odr.mediation.script import load
from odr.mediation.steps import values_of
from odr.web import case_drafts, desk, desk_files
from odr.web.audience import bench
from odr.web.auth import requires
from odr.web.house import L, ctx, language

blueprint = Blueprint("mediator", __name__, url_prefix="/m")
desk_files.add_to(blueprint, Role.MEDIATOR)
case_drafts.add_to(blueprint, Role.MEDIATOR)

ROOM = "/m/sittings/{}/room"
ENDED = {CaseStatus.CLOSED, CaseStatus.ARCHIVED, CaseStatus.RETURNED}


@blueprint.get("", strict_slashes=False)
@requires(Role.MEDIATOR)
def docket() -> str:
    """The mediator's cases by day."""
    with reading() as session:
        cases = access.cases_of(session, g.person)
        rows = [desk.case_row(session, case, room=ROOM) for case in cases]
        now = clock.now()
        return desk.page("mediator/docket.html", groups=_by_day(rows, now), now=now)


def _by_day(rows: list[desk.CaseRow], now: datetime) -> list[desk.Group]:
    today = clock.local(now).date()
    tomorrow = today + timedelta(days=1)
    boxes: dict[str, list[desk.CaseRow]] = {"today": [], "later": [], "waiting": [], "ended": []}
    for row in sorted(rows, key=lambda row: row.starts_at or row.case.filed_at):
        boxes[_box(row, now)].append(row)
    later = [row for row in boxes["later"] if clock.local(row.starts_at or now).date() == tomorrow]
    after = [row for row in boxes["later"] if row not in later]
    none = L("没有。", "None.")
    return [
        desk.Group(L("今天", "Today"), boxes["today"], L("今天没有调解。", "No mediation today.")),
        desk.Group(L("明天", "Tomorrow"), later, none),
        desk.Group(L("以后", "Later"), after, none),
        desk.Group(L("等待排期", "Waiting for a time"), boxes["waiting"], none),
        desk.Group(L("已结束", "Ended"), boxes["ended"], none),
    ]


def _box(row: desk.CaseRow, now: datetime) -> str:
    if row.case.status in ENDED:
        return "ended"
    if row.case.status == CaseStatus.IN_SESSION:
        return "today"
    if row.starts_at is None:
        return "waiting"
    return "today" if clock.local(row.starts_at).date() <= clock.local(now).date() else "later"


@blueprint.get("/cases/<uuid:case_id>")
@requires(Role.MEDIATOR)
def case_page(case_id: UUID) -> str:
    """One case: facts, parties, documents, timeline."""
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.SEE_CASE)
        view = desk.case_view(session, ctx(), case, room=ROOM)
        return desk.page("mediator/case.html", view=view)


@blueprint.get("/sittings/<uuid:sitting_id>/room")
@requires(Role.MEDIATOR)
def room(sitting_id: UUID) -> str | Response:
    """The room, with the seat of the mediator."""
    with reading() as session:
        return room_page(session, sitting_id, Role.MEDIATOR)


def room_page(session: Session, sitting_id: UUID, role: Role) -> str | Response:
    """The room as the desk sees it, for mediator and clerk alike; a closed one leads to its case."""
    sitting = sittings.sitting_for(session, g.person, sitting_id, Right.JOIN)
    case = access.case_for(session, g.person, sitting.case_id, Right.SEE_CASE)
    letter = "m" if role is Role.MEDIATOR else "c"
    case_url = f"/{letter}/cases/{case.id}"
    if sitting.status == CLOSED:
        return redirect(case_url)
    first_due = clock.local(clock.now()).date() + timedelta(days=30)
    return desk.page(
        "mediator/room.html",
        sitting=sitting,
        case=case,
        role=role.value,
        case_url=case_url,
        first_due=first_due.isoformat(),
        outcomes=[(outcome.value, desk.outcome_name(outcome.value)) for outcome in Outcome],
        papers=desk.papers(session, ctx(), case, sitting),
        duties=_duties(sitting),
    )


def _duties(sitting: Sitting) -> dict[str, list[dict[str, str]]]:
    """What each party must touch, by step, as this sitting's script says it."""
    values = values_of(sitting, bench().names)
    return {
        step.value: [
            {"key": item.key, "text": item.text(language(), values)} for item in page.items
        ]
        for step, page in load(sitting.script).items()
    }
