"""What the desk pages of mediator, clerk, court and administrator share; it does not know their rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import g, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, clock
from odr.cases import causes
from odr.cases.models import Case, Consent, Invitation, Party
from odr.cases.status import CaseStatus, Outcome
from odr.identity import idcard, service
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.identity.rights import Right, Role, may
from odr.mediation.models import Seat
from odr.mediation.models import Session as Sitting
from odr.sentences import sentence
from odr.web import case_papers, desk_files
from odr.web.house import L, language

DEVICES = ("camera", "microphone", "sound", "network")
WORKING = ("good", "fair", True, "True")  # words of the check page, or a plain yes


@dataclass(frozen=True)
class Word:
    """A state in one word and its look: good, warn, bad, info or nothing."""

    word: str
    look: str = ""


@dataclass(frozen=True)
class Group:
    """One list on a desk with its heading and what is said when it is empty."""

    title: str
    rows: Sequence[Any]
    none: str


@dataclass(frozen=True)
class PartyRow:
    """One party as the desk sees her: device light in word and colour, numbers masked."""

    id: UUID
    name: str
    role: str
    word: str
    look: str
    joined: bool
    phone: str = ""
    id_number: str = ""
    address: str = ""
    consents: Sequence[Any] = ()
    invitations: Sequence[Any] = ()


@dataclass(frozen=True)
class CaseRow:
    """One case in a list; ``room`` and ``starts_at`` where there is an hour to go to."""

    case: Case
    cause: str
    parties: Sequence[PartyRow]
    stage: Word
    starts_at: datetime | None
    room: str | None
    mediator: str
    audit: bool


@dataclass(frozen=True)
class CaseView:
    """One case as its page shows it."""

    case: Case
    cause: str
    parties: Sequence[PartyRow]
    stage: Word
    outcome: str
    evidence: Sequence[Any]
    agreement: dict[str, Any] | None
    papers: list[Any]
    timeline: Sequence[Any]
    sittings: Sequence[Sitting]
    room: str | None


def page(template: str, **values: object) -> str:
    """Render a desk page with the ways of the present person's role."""
    role = Role(g.person.role)
    ways = _ways(role)
    return render_template(
        template,
        desk_home=ways[0][0] if ways else "/",
        desk_ways=ways,
        desk_role=role_name(role),
        here=request.path,
        **{"done": "", **values},
    )


def _ways(role: Role) -> list[tuple[str, str]]:
    ways = {
        Role.MEDIATOR: [("/m", L("我的排期", "Docket"))],
        Role.CLERK: [("/c", L("收件箱", "Inbox"))],
        Role.ADMIN: [("/admin", L("人员", "People"))],
    }.get(role, [])
    if may(role, Right.SEE_STATISTICS):
        ways = [*ways, ("/court", L("统计", "Statistics"))]
        ways = [*ways, ("/deletions", L("保存期限", "Retention"))]
    return [*ways, ("/verify", L("验真", "Verify"))]


def role_name(role: Role) -> str:
    """The role in the language of the page."""
    names = {
        Role.PARTY: L("当事人", "Party"),
        Role.MEDIATOR: L("律师调解员", "Mediator"),
        Role.CLERK: L("书记员", "Clerk"),
        Role.COURT: L("法院管理者", "Court manager"),
        Role.ADMIN: L("管理员", "Administrator"),
        Role.AUDITOR: L("审计员", "Auditor"),
    }
    return names[role]


def stage(case: Case) -> Word:
    """Where a case stands, in a word."""
    words = {
        CaseStatus.FILED: Word(L("待受理", "to be accepted"), "warn"),
        CaseStatus.ACCEPTED: Word(L("已受理", "accepted"), "info"),
        CaseStatus.SCHEDULED: Word(L("已排期", "scheduled"), "info"),
        CaseStatus.IN_SESSION: Word(L("调解中", "in session"), "good"),
        CaseStatus.CLOSED: Word(L("已终结，移交中", "closed, being handed over"), "warn"),
        CaseStatus.ARCHIVED: Word(L("已归档移交", "archived at the court"), "good"),
        CaseStatus.RETURNED: Word(L("已退回", "returned"), ""),
    }
    return words[CaseStatus(case.status)]


def outcome_name(key: str | None) -> str:
    """One of the eight ends of art. 25, in words; empty for none."""
    names = {
        Outcome.AGREEMENT: L("达成调解协议", "agreement"),
        Outcome.WITHDRAWN: L("撤回申请", "withdrawn"),
        Outcome.UNREACHABLE: L("规定期限内联系不上", "unreachable in time"),
        Outcome.UNWILLING: L("一方不愿调解", "one side unwilling"),
        Outcome.TOO_FAR_APART: L("分歧较大", "too far apart"),
        Outcome.TIME_UP: L("期限届满未延长", "time up, not extended"),
        Outcome.REFUSED_SIGNATURE: L("拒绝签名", "refused to sign"),
        Outcome.OTHER: L("其他情形", "other"),
    }
    return names[Outcome(key)] if key else ""


def cause_name(key: str) -> str:
    """A cause of action in the language of the page; an unknown key as it is."""
    return causes.name(key, language())


def side_name(side: str) -> str:
    """Which side a party or a seat belongs to."""
    names = {
        "applicant": L("申请人", "applicant"),
        "respondent": L("被申请人", "respondent"),
        "mediator": L("调解员", "mediator"),
        "clerk": L("书记员", "clerk"),
    }
    return names.get(side, side)


def case_row(session: Session, case: Case, *, room: str) -> CaseRow:
    """One case for a list; ``room`` is the path pattern of the viewer's room."""
    sittings = sittings_of(session, case.id)
    live = next((one for one in sittings if one.status != "closed"), None)
    coming = [hearing for hearing in case.hearings if hearing.status == "appointed"]
    mediator = session.get(Person, case.mediator_id) if case.mediator_id else None
    return CaseRow(
        case=case,
        cause=cause_name(case.cause),
        parties=party_rows(case, sittings),
        stage=stage(case),
        starts_at=coming[-1].starts_at if coming else None,
        room=room.format(live.id) if live else None,
        mediator=mediator.name if mediator else "",
        audit=any(one.status == "closed" for one in sittings),
    )


def sittings_of(session: Session, case_id: UUID) -> list[Sitting]:
    """The sittings of a case in the order in which they were opened, unopened ones last."""
    found = session.scalars(select(Sitting).where(Sitting.case_id == case_id)).all()
    return sorted(found, key=lambda one: one.opened_at or clock.now())


def party_rows(case: Case, sittings: Iterable[Sitting]) -> list[PartyRow]:
    """The parties with their device lights, numbers left out."""
    seats: dict[UUID, Seat] = {}
    for sitting in sittings:
        seats.update({seat.party_id: seat for seat in sitting.seats if seat.party_id})
    rows = []
    for party in case.parties:
        light = device_light(seats.get(party.id), party)
        rows.append(
            PartyRow(
                id=party.id,
                name=party.name,
                role=side_name(party.side),
                word=light.word,
                look=light.look,
                joined=party.person_id is not None,
            )
        )
    return rows


def device_light(seat: Seat | None, party: Party) -> Word:
    """Whether the party's camera and sound have been tried, in a word and a colour."""
    if party.person_id is None:
        return Word(L("未登记", "not registered"), "bad")
    check = seat.device_check if seat else {}
    if not check:
        return Word(L("设备未检查", "devices not checked"), "warn")
    if all(check.get(part, "good") in WORKING for part in DEVICES):
        return Word(L("设备正常", "devices fine"), "good")
    return Word(L("设备有问题", "device trouble"), "bad")


def case_view(session: Session, ctx: Ctx, case: Case, *, room: str) -> CaseView:
    """All that a case page shows; numbers are masked."""
    sittings = sittings_of(session, case.id)
    live = next((one for one in sittings if one.status != "closed"), None)
    base = f"/{room.split('/')[1]}/cases/{case.id}"
    return CaseView(
        case=case,
        cause=cause_name(case.cause),
        parties=[
            _with_details(session, ctx, row, party)
            for row, party in zip(party_rows(case, sittings), case.parties, strict=True)
        ],
        stage=stage(case),
        outcome=outcome_name(case.outcome),
        evidence=desk_files.evidence_of(session, case, base),
        agreement=desk_files.agreement_of(session, case, base),
        papers=case_papers.rows(session, case, base),
        timeline=timeline(session, case),
        sittings=[one for one in sittings if one.opened_at],
        room=room.format(live.id) if live else None,
    )


def papers(session: Session, ctx: Ctx, case: Case, sitting: Sitting) -> dict[str, dict[str, str]]:
    """Masked number and birthday of each party by seat: what the mediator compares the card with."""
    people = {party.id: party.person_id for party in case.parties}
    found = {}
    for seat in sitting.seats:
        person_id = people.get(seat.party_id) if seat.party_id else None
        person = session.get(Person, person_id) if person_id else None
        if person is None or not person.id_number_cipher:
            continue
        number = service.id_number_of(ctx, person)
        checked = idcard.check_id_number(number, today=clock.local(ctx.now).date())
        born = checked.birth.isoformat() if checked.birth else ""
        found[seat.key] = {"number": idcard.mask_id(number), "born": born}
    return found


def _with_details(session: Session, ctx: Ctx, row: PartyRow, party: Party) -> PartyRow:
    person = session.get(Person, party.person_id) if party.person_id else None
    number = service.id_number_of(ctx, person) if person and person.id_number_cipher else ""
    consents = session.scalars(select(Consent).where(Consent.party_id == party.id)).all()
    given = {consent.purpose for consent in consents if consent.withdrawn_at is None}
    invitations = session.scalars(
        select(Invitation).where(Invitation.party_id == party.id).order_by(Invitation.made_at)
    )
    return PartyRow(
        **{
            **row.__dict__,
            "phone": idcard.mask_phone(service.party_phone(ctx, party)),
            "id_number": idcard.mask_id(number) if number else "",
            "address": party.address,
            "consents": [
                {"word": word, "given": purpose in given}
                for purpose, word in (
                    ("online_mediation", L("在线调解", "online mediation")),
                    ("recording", L("录音录像", "recording")),
                )
            ],
            "invitations": [_invitation(one, ctx.now) for one in invitations],
        }
    )


def _invitation(invitation: Invitation, now: datetime) -> dict[str, Any]:
    if invitation.used_at:
        return {"word": L("链接已使用", "link used"), "look": "good", "at": invitation.used_at}
    if invitation.revoked_at:
        return {"word": L("链接已作废", "link revoked"), "look": "", "at": invitation.revoked_at}
    if invitation.expires_at < now:
        return {"word": L("链接已过期", "link expired"), "look": "bad", "at": invitation.expires_at}
    return {"word": L("链接已发出", "link sent"), "look": "info", "at": invitation.made_at}


def timeline(session: Session, case: Case) -> list[dict[str, Any]]:
    """What has happened to the case, newest first; the same act in a row is one line."""
    found: list[dict[str, Any]] = []
    for action, rows in groupby(audit.of_case(session, case.id), key=lambda row: row.action):
        made = list(rows)
        names = dict.fromkeys(actor_name(session, row.actor) for row in made)
        times = f" × {len(made)}" if len(made) > 1 else ""
        text = f"{action_name(action)}{times} · {'、'.join(names)}"
        found.append({"at": made[-1].at, "text": text})
    return found[::-1]


def action_name(action: str) -> str:
    """What was done, in words; an action without a word is shown as it is."""
    return _said(f"desk.did-{action.replace(':', '-')}", action)


def job_name(kind: str) -> str:
    """What a job is for, in words."""
    return _said(f"desk.job-{kind}", kind)


def _said(key: str, otherwise: str) -> str:
    words = sentence(key, language())
    return otherwise if words == key else words


def actor_name(session: Session, actor: str) -> str:
    """Who acted, by name where it is a person."""
    kind, _, rest = actor.partition(":")
    if kind != "person":
        return L("系统", "system") if kind in {"system", "job", "node"} else actor
    person = session.get(Person, UUID(rest))
    return person.name if person else actor
