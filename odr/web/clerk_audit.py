"""The clerk's audit of a film: checklist, chapters, events, integrity, viewings; it judges nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, request, send_file
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from odr import audit, clock
from odr.cases import access
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity.rights import Right, Role
from odr.mediation.models import Film
from odr.mediation.models import Session as Sitting
from odr.recordings import manifest
from odr.sentences import sentence
from odr.web import desk, forms
from odr.web.auth import requires
from odr.web.film_events import Chapter, Event, Gap, chapters_of, checklist_of, events_of, gaps_of
from odr.web.house import L, ctx, house, language, local_time

VIEWED, CHECKED = "film:viewed", "recording:checked"
DAMAGED = "archive:damaged"
BY_MACHINE = frozenset({"archive:received", "archive:fixity", DAMAGED})
SAME_VIEWING = timedelta(minutes=10)
MOST_SHOWN = 8


@dataclass(frozen=True)
class Badge:
    """How the recording stands: who looked, when, and what did not fit."""

    word: str
    look: str
    who: str
    wrong: Sequence[str]
    head: str


@dataclass(frozen=True)
class Look:
    """One viewing of one sitting: who looks at which case."""

    case: Case
    sitting: Sitting
    now: datetime


def add_to(blueprint: Blueprint) -> None:
    """Hang the pages of the audit under the clerk's address."""
    blueprint.add_url_rule("/cases/<uuid:case_id>/audit", "audit", player, methods=["GET"])
    blueprint.add_url_rule("/cases/<uuid:case_id>/audit/check", "check", check, methods=["POST"])
    blueprint.add_url_rule("/films/<uuid:film_id>.mp4", "film", film, methods=["GET"])


@requires(Role.CLERK, Role.AUDITOR)
def player(case_id: UUID) -> str:
    """The audit page of one sitting; that it was opened is kept."""
    with transaction() as session:
        case = access.case_for(session, g.person, case_id, Right.AUDIT_RECORDING)
        sittings = [one for one in desk.sittings_of(session, case.id) if one.opened_at]
        sitting = _chosen(sittings)
        look = Look(case, sitting, ctx().now)
        _remember_viewing(session, look, film_id=None)
        return _page(session, look, sittings)


@requires(Role.CLERK, Role.AUDITOR)
def check(case_id: UUID) -> Response:
    """Compute every hash of the recording again; who, when and the result go into the audit."""
    sitting_id = forms.identifier("sitting")
    with reading() as session:
        case = access.case_for(session, g.person, case_id, Right.AUDIT_RECORDING)
        sitting = session.get(Sitting, sitting_id)
        if sitting is None or sitting.case_id != case.id:
            raise NotFound
        folder = house().settings.recordings_dir / sitting.room
        kept = sitting.head if sitting.status == "closed" else ""
    if not folder.is_dir():
        raise Refused("desk.no-recording")
    findings = manifest.verify(folder)
    wrong = [f"{one.item}: {one.text}" for one in findings if not one.ok]
    head = manifest.summary(folder).head if not wrong else ""
    if kept and head and head != kept:
        wrong.append(sentence("desk.other-head", language()))
    body = {
        "sitting": str(sitting_id),
        "ok": not wrong,
        "checks": len(findings),
        "wrong": wrong[:MOST_SHOWN],
        "head": head,
    }
    with transaction() as session:
        actor = audit.Actor.person(g.person.id)
        audit.record(session, audit.Fact(CHECKED, actor, ctx().now, case_id, body))
    return redirect(f"/c/cases/{case_id}/audit?sitting={sitting_id}#badge")


@requires(Role.CLERK, Role.AUDITOR)
def film(film_id: UUID) -> Response:
    """A film, whole or by ranges; the path comes from our own row and stays in our own folder."""
    with transaction() as session:
        row = session.get(Film, film_id)
        sitting = session.get(Sitting, row.session_id) if row else None
        if row is None or sitting is None:
            raise NotFound
        case = access.case_for(session, g.person, sitting.case_id, Right.AUDIT_RECORDING)
        _remember_viewing(session, Look(case, sitting, ctx().now), film_id=row.id)
        path, etag = Path(row.path), row.sha256
    data = house().settings.data.resolve()
    inside = (path if path.is_absolute() else data / path).resolve()
    if not inside.is_relative_to(data) or not inside.is_file():
        raise NotFound("desk.film-missing")
    answer = send_file(inside, mimetype="video/mp4", conditional=True, etag=etag)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _chosen(sittings: Sequence[Sitting]) -> Sitting:
    wanted = request.args.get("sitting", "")
    if not sittings:
        raise Refused("desk.no-recording")
    for sitting in sittings:
        if str(sitting.id) == wanted:
            return sitting
    return sittings[-1]


def _page(session: Session, look: Look, sittings: Sequence[Sitting]) -> str:
    chairs = {seat.key: seat.number for seat in look.sitting.seats}
    query = select(Film).where(Film.session_id == look.sitting.id)
    films = sorted(session.scalars(query), key=lambda one: chairs.get(one.seat_key, 0))
    whole = next((one for one in films if one.kind == "composite"), None)
    duration = whole.duration_ms if whole else look.sitting.recorded_ms
    chapters = chapters_of(session, look.sitting, duration)
    gaps = gaps_of(house().settings.recordings_dir / look.sitting.room, duration)
    return desk.page(
        "clerk/audit.html",
        case=look.case,
        sitting=look.sitting,
        sittings=sittings,
        film=whole,
        angles=[one for one in films if one.kind == "angle"],
        no_film=_no_film(look.sitting),
        duration_ms=duration,
        chapters=chapters,
        gaps=gaps,
        chapter_spans=[{"t_ms": one.t_ms, "end_ms": one.end_ms} for one in chapters],
        events=_all_events(session, look, chapters, gaps),
        checklist=checklist_of(session, look.case, look.sitting),
        badge=_badge(session, look),
        views=_views(session, look.case),
    )


def _all_events(
    session: Session, look: Look, chapters: Sequence[Chapter], gaps: Sequence[Gap]
) -> list[Event]:
    found = events_of(session, look.case, look.sitting)
    found += [Event(one.t_ms, "step", L("步骤", "Step"), one.title) for one in chapters]
    found += [Event(one.t_ms, "gap", L("系统", "System"), one.title) for one in gaps]
    return sorted(found, key=lambda event: event.t_ms)


def _no_film(sitting: Sitting) -> str:
    if sitting.status != "closed":
        return L(
            "调解还没有结束，结束后自动生成录像。",
            "The session goes on; the film is made after it.",
        )
    return L("录像正在生成，请稍后刷新。", "The film is being made; please reload later.")


def _badge(session: Session, look: Look) -> Badge:
    """The newest word on the recording: a person's check here, else the machine's of the archive."""
    rows = audit.of_case(session, look.case.id)
    own = [row for row in rows if row.action == CHECKED and _about(row, look.sitting)]
    machine = [row for row in rows if row.action in BY_MACHINE]
    if own:
        return _checked_badge(session, own[-1], look.now)
    if machine:
        return _machine_badge(machine[-1])
    who = L("还没有人重新计算过。", "Nobody has computed it again.")
    return Badge(L("未核验", "Not checked yet"), "unknown", who, [], "")


def _about(row: audit.AuditRow, sitting: Sitting) -> bool:
    return (row.body or {}).get("sitting") == str(sitting.id)


def _checked_badge(session: Session, row: audit.AuditRow, now: datetime) -> Badge:
    body = row.body or {}
    when = L("刚刚", "just now") if now - row.at < timedelta(minutes=1) else local_time(row.at)
    name = desk.actor_name(session, row.actor)
    count = body.get("checks", 0)
    who = L(
        f"{name} {when}在本机重算，{count} 项", f"computed here by {name}, {when}, {count} checks"
    )
    if body.get("ok"):
        return Badge(L("一致", "Fits"), "good", who, [], str(body.get("head", "")))
    return Badge(L("不一致", "Does not fit"), "bad", who, list(body.get("wrong", [])), "")


def _machine_badge(row: audit.AuditRow) -> Badge:
    when = local_time(row.at)
    if row.action == DAMAGED:
        item = str((row.body or {}).get("item", ""))
        who = L(f"归档包 {when} 自动核验", f"archived bag, checked automatically {when}")
        return Badge(L("不一致", "Does not fit"), "bad", who, [item] if item else [], "")
    who = L(
        f"归档包 {when} 从法院存储读回，自动核验；本机录像尚未重算。",
        f"archived bag read back from the court's store {when}; the copy here not yet computed.",
    )
    return Badge(L("一致（归档包）", "Fits (archived bag)"), "good", who, [], "")


def _views(session: Session, case: Case) -> list[dict[str, Any]]:
    words = {
        VIEWED: L("查看", "viewed"),
        CHECKED: L("核验", "checked"),
    }
    rows = [row for row in audit.of_case(session, case.id) if row.action in words]
    return [
        {
            "at": row.at,
            "who": desk.actor_name(session, row.actor),
            "what": _view_words(session, row, words[row.action]),
        }
        for row in reversed(rows[-30:])
    ]


def _view_words(session: Session, row: audit.AuditRow, word: str) -> str:
    body = row.body or {}
    if row.action == CHECKED:
        return f"{word}：{L('一致', 'fits') if body.get('ok') else L('不一致', 'does not fit')}"
    if not body.get("film"):
        return f"{word} {L('审查页', 'audit page')}"
    film_row = session.get(Film, UUID(str(body["film"])))
    label = film_row.label if film_row else ""
    return f"{word} {label or L('合成录像', 'whole film')}"


def _remember_viewing(session: Session, look: Look, *, film_id: UUID | None) -> None:
    """One row a viewing: a film fetched in a hundred ranges within ten minutes is one viewing."""
    actor = audit.Actor.person(g.person.id)
    body = {"sitting": str(look.sitting.id), "film": str(film_id or "")}
    recent = select(audit.AuditRow).where(
        audit.AuditRow.case_id == look.case.id,
        audit.AuditRow.action == VIEWED,
        audit.AuditRow.actor == actor.name,
        audit.AuditRow.at > look.now - SAME_VIEWING,
    )
    if film_id and any(row.body == body for row in session.scalars(recent)):
        return
    audit.record(session, audit.Fact(VIEWED, actor, clock.now(), look.case.id, body))
