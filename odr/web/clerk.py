"""The clerk's desk: inbox, case, invitations, hand-over; it does not know how any of it is decided."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from odr import audit, jobs
from odr.archive.models import Deposit
from odr.cases import access, service
from odr.cases.models import Case, Party
from odr.cases.status import CaseStatus
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity.models import Person
from odr.identity.rights import Right, Role
from odr.mediation import sittings
from odr.web import case_drafts, clerk_audit, desk, desk_files, forms
from odr.web.auth import requires
from odr.web.desk import Word
from odr.web.house import L, ctx, house
from odr.web.mediator import room_page

blueprint = Blueprint("clerk", __name__, url_prefix="/c")
clerk_audit.add_to(blueprint)
desk_files.add_to(blueprint, Role.CLERK)
case_drafts.add_to(blueprint, Role.CLERK)

ROOM = "/c/sittings/{}/room"
APPOINTABLE = {CaseStatus.ACCEPTED, CaseStatus.SCHEDULED, CaseStatus.IN_SESSION}
OPEN = {CaseStatus.FILED, *APPOINTABLE}


@blueprint.get("", strict_slashes=False)
@requires(Role.CLERK, Role.AUDITOR)
def inbox() -> str:
    """What waits for the clerk, then all other cases."""
    query = request.args.get("q", "").strip()
    with reading() as session:
        cases = [case for case in access.cases_of(session, g.person) if _fits(case, query)]
        cases.sort(key=lambda case: case.filed_at, reverse=True)
        rows = [desk.case_row(session, case, room=ROOM) for case in cases]
        return desk.page(
            "clerk/inbox.html",
            groups=_groups(rows),
            dead=jobs.dead(session),
            job_name=desk.job_name,
            query=query,
        )


def _fits(case: Case, query: str) -> bool:
    words = [case.case_no, case.short_code, *(party.name for party in case.parties)]
    return not query or any(query in word for word in words)


def _groups(rows: list[desk.CaseRow]) -> list[desk.Group]:
    def those(*statuses: CaseStatus) -> list[desk.CaseRow]:
        return [row for row in rows if row.case.status in statuses]

    none = L("没有。", "None.")
    return [
        desk.Group(L("待受理", "To be accepted"), those(CaseStatus.FILED), none),
        desk.Group(
            L("待指派或排期", "To be assigned or scheduled"), those(CaseStatus.ACCEPTED), none
        ),
        desk.Group(
            L("已排期和进行中", "Scheduled and in session"),
            those(CaseStatus.SCHEDULED, CaseStatus.IN_SESSION),
            none,
        ),
        desk.Group(L("移交中", "Being handed over"), those(CaseStatus.CLOSED), none),
        desk.Group(
            L("已归档和已退回", "Archived and returned"),
            those(CaseStatus.ARCHIVED, CaseStatus.RETURNED),
            none,
        ),
    ]


@blueprint.get("/cases/<uuid:case_id>")
@requires(Role.CLERK, Role.AUDITOR)
def case_page(case_id: UUID) -> str:
    """One case with everything the clerk can do to it now."""
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.SEE_CASE)
        return _page(session, case, link="", invited="")


@blueprint.post("/cases/<uuid:case_id>/accept")
@requires(Role.CLERK)
def accept(case_id: UUID) -> Response:
    """Take the application."""
    with transaction() as session:
        service.accept(session, ctx(), _case(session, case_id), g.person)
    return _back(case_id)


@blueprint.post("/cases/<uuid:case_id>/return")
@requires(Role.CLERK)
def give_back(case_id: UUID) -> Response:
    """Return the application with a reason (在线调解规则 art. 9)."""
    reason = forms.text("reason", ("退回理由", "reason"), most=500)
    with transaction() as session:
        service.return_(session, ctx(), _case(session, case_id), g.person, reason)
    return _back(case_id)


@blueprint.post("/cases/<uuid:case_id>/assign")
@requires(Role.CLERK)
def assign(case_id: UUID) -> Response:
    """Give the case to a mediator."""
    mediator_id = forms.identifier("mediator")
    with transaction() as session:
        case = _case(session, case_id)
        mediator = session.get(Person, mediator_id)
        if mediator is None or mediator.role != Role.MEDIATOR or not mediator.active:
            raise Refused("desk.choose-mediator")
        service.assign(session, ctx(), case, mediator, g.person)
    return _back(case_id)


@blueprint.post("/cases/<uuid:case_id>/schedule")
@requires(Role.CLERK)
def schedule(case_id: UUID) -> Response:
    """Set the hour; the sitting with its chairs is made with it."""
    starts_at = forms.moment("starts_at", ("开始时间", "start"))
    with transaction() as session:
        case = _case(session, case_id)
        hearing = service.schedule(session, ctx(), case, starts_at, g.person)
        sittings.create_sitting(session, case, hearing, ctx().now)
    return _back(case_id)


@blueprint.post("/cases/<uuid:case_id>/invite")
@requires(Role.CLERK)
def invite(case_id: UUID) -> str:
    """Send a party her personal link; it is shown this once and never again."""
    party_id = forms.identifier("party")
    with transaction() as session:
        case = _case(session, case_id)
        party = _party(case, party_id)
        link = service.invite(session, ctx(), party, g.person, house().settings.public_url)
        return _page(session, case, link=link, invited=party.name)


@blueprint.post("/jobs/<uuid:job_id>/retry")
@requires(Role.CLERK)
def retry(job_id: UUID) -> Response:
    """Try a dead job again."""
    with transaction() as session:
        job = session.get(jobs.Job, job_id)
        if job is None:
            raise NotFound
        jobs.retry(session, job_id, ctx().now)
        actor = audit.Actor.person(g.person.id)
        body = {"job": str(job_id), "kind": job.kind}
        audit.record(session, audit.Fact("job:retried", actor, ctx().now, None, body))
    return redirect(request.referrer or "/c")


@blueprint.get("/sittings/<uuid:sitting_id>/room")
@requires(Role.CLERK)
def room(sitting_id: UUID) -> str | Response:
    """The room from the clerk's chair."""
    with reading() as session:
        return room_page(session, sitting_id, Role.CLERK)


def _case(session: Session, case_id: UUID) -> Case:
    return access.case_for(session, g.person, case_id, Right.PREPARE_CASE)


def _party(case: Case, party_id: UUID) -> Party:
    for party in case.parties:
        if party.id == party_id:
            return party
    raise Refused("desk.choose-party")


def _back(case_id: UUID) -> Response:
    return redirect(f"/c/cases/{case_id}")


def _page(session: Session, case: Case, *, link: str, invited: str) -> str:
    working = case.status in OPEN and g.person.role == Role.CLERK
    can_assign = working and case.status == CaseStatus.ACCEPTED
    deposit = session.scalar(select(Deposit).where(Deposit.case_id == case.id))
    view = desk.case_view(session, ctx(), case, room=ROOM)
    found = _jobs(session, [str(case.id), *(str(sitting.id) for sitting in view.sittings)])
    return desk.page(
        "clerk/case.html",
        view=view,
        status=case.status if working else "",
        can_assign=can_assign,
        can_schedule=working and case.status in APPOINTABLE,
        can_invite=working,
        mediator=session.get(Person, case.mediator_id) if case.mediator_id else None,
        suggestions=service.suggest_mediators(session, case) if can_assign else [],
        deposit=deposit,
        jobs=found,
        handover=_handover(deposit, found),
        link=link,
        invited=invited,
    )


def _jobs(session: Session, names: list[str]) -> list[dict[str, Any]]:
    words = {
        "waiting": Word(L("排队中", "waiting"), "info"),
        "running": Word(L("进行中", "running"), "info"),
        "done": Word(L("完成", "done"), "good"),
        "dead": Word(L("失败，需要处理", "failed, needs a person"), "bad"),
    }
    found = []
    for job in session.scalars(select(jobs.Job).order_by(jobs.Job.made_at)):
        if not _concerns(job.payload, job.key, names):
            continue
        word = words.get(job.status, Word(job.status))
        found.append(
            {
                "id": job.id,
                "kind": desk.job_name(job.kind),
                "word": word.word,
                "look": word.look,
                "error": job.error or "",
                "dead": job.status == "dead",
            }
        )
    return found


def _concerns(payload: Mapping[str, Any], key: str, names: list[str]) -> bool:
    values = {str(value) for value in payload.values()}
    return any(name in values or name in key for name in names)


def _handover(deposit: Deposit | None, found: list[dict[str, Any]]) -> Word:
    if any(job["dead"] for job in found):
        return Word(L("移交受阻，请处理失败的任务", "stopped: a job has failed"), "bad")
    if deposit is None:
        return Word(L("尚未开始", "not started"), "")
    words = {
        "waiting": Word(L("等待打包", "waiting"), "info"),
        "bagged": Word(L("已打包，待存入", "bagged, to be stored"), "info"),
        "stored": Word(L("已存入，待读回核对", "stored, to be read back"), "warn"),
        "verified": Word(L("已存入并读回核对一致", "stored, read back, identical"), "good"),
    }
    return words.get(deposit.status, Word(deposit.status))
