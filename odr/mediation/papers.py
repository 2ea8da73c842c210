"""What the papers say, collected from the rows; it does not know how a paper is typeset or signed."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import clock
from odr.cases import causes
from odr.cases.models import Case, Party
from odr.identity import idcard
from odr.identity import service as identity
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.mediation.facts import answer_of, undisputed
from odr.mediation.models import FactLine, IdentityCheck, Note
from odr.mediation.models import Session as Sitting
from odr.mediation.room import CLERK, MEDIATOR, Names
from odr.mediation.scene import Scene, party_seats
from odr.mediation.script import FOLDER, Step, load
from odr.mediation.steps import fact_lines, taps_of
from odr.settlement import service as settlement
from odr.settlement.clauses import Change, difference, plain_lines, short_names
from odr.settlement.document import MEDIATOR as MEDIATOR_FIELD
from odr.settlement.document import AgreementData, PartyData, Source, party_field
from odr.settlement.drafting import answers_to
from odr.settlement.minutes import MinutesData, Section
from odr.settlement.models import Acceptance, ClauseAnswer, Proposal
from odr.settlement.service import Signer
from odr.settlement.terms import Terms, terms_from_json


def agreement_data(scene: Scene, terms: Terms, head: str) -> AgreementData:
    """Everything the agreement says (人民调解法 art. 29, 特邀调解规定 art. 24); ``head`` is the film's."""
    sitting, case, names = scene.sitting, scene.case, scene.bench.names
    lines = fact_lines(scene.session, sitting.id)
    keys = [seat.key for seat in party_seats(sitting)]
    confirmed = undisputed(lines, keys)
    agreed = [line.text for line in confirmed]
    return AgreementData(
        case_no=case.case_no,
        organisation=names.organisation,
        court=names.court,
        parties=tuple(_party(scene, party) for party in case.parties),
        cause=cause_name(case),
        facts=tuple(agreed or [case.story or case.claim]),
        terms=terms,
        mediator=_label(sitting, MEDIATOR),
        day=clock.local(scene.now).date(),
        verify_url=f"{scene.bench.public_url}/verify",
        issues="\n".join(_issue(scene, line) for line in lines if line.text not in agreed),
        recording=sitting.room,
        recording_head=head,
        sources=(*_confirmed(scene, confirmed), *_accepted(scene)),
    )


def _confirmed(scene: Scene, lines: list[FactLine]) -> Iterator[Source]:
    """Which party agreed to which fact, and where in the film."""
    for line in lines:
        for seat in party_seats(scene.sitting):
            told = line.answers[seat.key]
            yield Source(line.text, seat.label, str(told["answer"]), int(told.get("t_ms", 0)))


def _accepted(scene: Scene) -> Iterator[Source]:
    """Which party said yes to the whole of the terms, and where in the film."""
    proposal = settlement.current_proposal(scene.session, scene.case.id)
    labels = {seat.party_id: seat.label for seat in party_seats(scene.sitting)}
    for row in sorted(proposal.answers, key=lambda one: one.t_ms) if proposal else ():
        yield Source("terms", labels.get(row.party_id, ""), "accepted", row.t_ms)


def cause_name(case: Case) -> str:
    """The cause of action in Chinese."""
    return causes.name(case.cause, "zh")


def _issue(scene: Scene, line: FactLine) -> str:
    seats = party_seats(scene.sitting)
    said = [_say(answer_of(line, seat.key) or "silent", label=seat.label) for seat in seats]
    return f"{line.text}（{'，'.join(said)}）"


def _party(scene: Scene, party: Party) -> PartyData:
    person = scene.session.get(Person, party.person_id) if party.person_id else None
    known = _known(scene.bench.ctx, person) if person else {}
    return PartyData(
        side=party.side,
        name=(person.name if person else "") or party.name,
        address=party.address,
        **known,
    )


def _known(ctx: Ctx, person: Person) -> dict[str, Any]:
    """What a registered person has proved of herself; the paper names her in full."""
    known: dict[str, Any] = {"phone": identity.phone_of(ctx, person) or ""}
    number = identity.id_number_of(ctx, person)
    if number:
        read = idcard.check_id_number(number, today=clock.local(ctx.now).date())
        sex = {"male": "男", "female": "女"}.get(str(read.sex), str(read.sex or ""))
        known |= {"id_number": number, "birth": read.birth, "gender": sex}
    return known


def _label(sitting: Sitting, role: str) -> str:
    return next(seat.label for seat in sitting.seats if seat.role == role)


def signers(scene: Scene) -> list[Signer]:
    """Who signs which field: the parties in the order of the paper, then the mediator."""
    seats = party_seats(scene.sitting)
    by_party = {seat.party_id: seat for seat in seats}
    found = [
        Signer(party_field(index), party.name, party.id, by_party[party.id].person_id)
        for index, party in enumerate(scene.case.parties)
    ]
    chair = next(seat for seat in scene.sitting.seats if seat.role == MEDIATOR)
    return [*found, Signer(MEDIATOR_FIELD, chair.label, None, chair.person_id)]


@dataclass(frozen=True)
class Record:
    """What the minutes are taken from: one finished sitting of one case, read by one session."""

    session: Session
    sitting: Sitting
    case: Case
    names: Names
    public_url: str


def minutes_data(record: Record) -> MinutesData:
    """Everything the minutes say (custom after 人民调解法 art. 27); nothing in them was typed twice."""
    sitting, case = record.sitting, record.case
    begin = sitting.opened_at or case.filed_at
    end = sitting.closed_at or begin
    agreement = settlement.open_agreement(record.session, case.id)
    parties = [_say("party", side=_say(s.role), label=s.label) for s in party_seats(sitting)]
    return MinutesData(
        case_no=case.case_no,
        organisation=record.names.organisation,
        day=clock.local(begin).date(),
        time=_say("time", begin=_clock(begin), end=_clock(end)),
        matter=_say("matter", cause=cause_name(case), claim=case.claim),
        mediator=_label(sitting, MEDIATOR),
        recorder=_label(sitting, CLERK),
        parties=tuple(parties),
        sections=(
            Section("rights", tuple(_rights(record))),
            Section("identity", tuple(_identity(record))),
            Section("facts", tuple(_facts(record))),
            Section("account", tuple(_account(record))),
            Section("risk", tuple(_risk(record))),
        ),
        verify_url=f"{record.public_url}/verify",
        recording=sitting.room,
        recording_head=sitting.head,
        agreement_no=agreement.number if agreement and agreement.sealed_at else "",
        reason=case.outcome_reason,
    )


def _rights(record: Record) -> list[str]:
    sitting = record.sitting
    taps = taps_of(record.session, sitting.id, Step.RIGHTS_NOTICE)
    if not taps:
        return [_say("rights_none")]
    law = load(sitting.script)[Step.RIGHTS_NOTICE].law
    lines = [_say("rights_told", law=law, version=sitting.script)]
    for seat in party_seats(sitting):
        own = [tap.t_ms for tap in taps if tap.seat_key == seat.key]
        if own:
            values = {"label": seat.label, "count": len(own), "at": film_time(max(own))}
            lines.append(_say("rights_tapped", **values))
    return lines


def _identity(record: Record) -> list[str]:
    labels = {seat.key: seat.label for seat in record.sitting.seats}
    query = select(IdentityCheck).where(IdentityCheck.session_id == record.sitting.id)
    lines = [
        _say(
            f"identity_{row.verdict}",
            label=labels[row.seat_key],
            at=film_time(row.t_ms),
            sha256=row.sha256,
        )
        for row in record.session.scalars(query.order_by(IdentityCheck.at))
    ]
    return lines or [_say("identity_none")]


def _facts(record: Record) -> list[str]:
    lines = fact_lines(record.session, record.sitting.id)
    seats = party_seats(record.sitting)
    agreed = undisputed(lines, [seat.key for seat in seats])
    found = []
    for line in lines:
        said = [_say(answer_of(line, s.key) or "silent", label=s.label) for s in seats]
        name = "fact_undisputed" if line in agreed else "fact_other"
        found.append(_say(name, number=line.number, text=line.text, answers="，".join(said)))
    return found or [_say("fact_none")]


def _account(record: Record) -> list[str]:
    query = select(Note).where(Note.session_id == record.sitting.id).order_by(Note.at)
    said = [
        _say(row.kind, at=film_time(row.t_ms), by=row.by_label, text=row.text)
        for row in record.session.scalars(query)
    ]
    return [*_proposals(record), *said] or [_say("account_none")]


def _proposals(record: Record) -> list[str]:
    """Each version: the first in full, of a later one what it changed, then who said what to it."""
    labels = {seat.party_id: seat.label for seat in party_seats(record.sitting)}
    lines, before = [], None
    for row in settlement.versions(record.session, record.case.id):
        terms = terms_from_json(row.terms)
        lines.append(_version(row.number, before, terms))
        lines += [
            _answered(row, clause, said, labels.get(said.party_id, ""))
            for clause, said in answers_to(row)
        ]
        before = terms
    return lines


def _version(number: int, before: Terms | None, terms: Terms) -> str:
    if before is None:
        return _say("proposal", number=number, lines="；".join(plain_lines(terms)))
    changes = [
        _say(_kind(change), before="；".join(change.before), after="；".join(change.after))
        for change in difference(before, terms)
    ]
    return _say("proposal", number=number, lines="".join(changes) or _say("unchanged"))


def _kind(change: Change) -> str:
    if change.before and change.after:
        return "changed"
    return "added" if change.after else "left_out"


def _answered(version: Proposal, clause: str, said: Acceptance | ClauseAnswer, label: str) -> str:
    if not clause:
        return _say(said.answer, number=version.number, label=label, reason=said.reason)
    name = short_names(terms_from_json(version.terms)).get(clause, "")
    return _say(f"clause_{said.answer}", clause=name, label=label, reason=said.reason)


def _risk(record: Record) -> list[str]:
    taps = taps_of(record.session, record.sitting.id, Step.AGREEMENT)
    told = {tap.seat_key for tap in taps}
    seats = [seat for seat in party_seats(record.sitting) if seat.key in told]
    return [_say("risk"), *(_say("agreement_tapped", label=seat.label) for seat in seats)]


@cache
def _phrases() -> dict[str, str]:
    return tomllib.loads((FOLDER / "minutes.toml").read_text("utf-8"))


def _say(name: str, **values: object) -> str:
    return _phrases()[name].format(**values)


def _clock(moment: datetime) -> str:
    there = clock.local(moment)
    return f"{there.year}年{there.month}月{there.day}日{there:%H:%M}"


def film_time(t_ms: int) -> str:
    """A place in the film as people read it: 01:02:03."""
    seconds = t_ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
