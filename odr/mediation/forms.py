"""The plain papers of a case, collected from its rows; it does not know how a paper looks.

What was offered or conceded in the negotiation is in none of them (在线调解规则 art. 18).
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import clock
from odr.cases import causes
from odr.cases.models import Case, Consent, Party
from odr.cases.status import Outcome
from odr.law import calendar
from odr.mediation.facts import answer_of, undisputed
from odr.mediation.models import FactLine, Seat, Tap
from odr.mediation.models import Session as Sitting
from odr.mediation.papers import Record, film_time
from odr.mediation.room import CLERK, MEDIATOR, Names
from odr.mediation.scene import party_seats
from odr.mediation.script import Step, load
from odr.mediation.steps import fact_lines, taps_of, values_of
from odr.sentences import sentence
from odr.settlement import forms
from odr.settlement import service as settlement
from odr.settlement.clauses import clauses
from odr.settlement.forms import Form, Line, Part
from odr.settlement.models import Agreement
from odr.settlement.terms import terms_from_json, yuan

WORDING = Path(forms.__file__).parent / "wording" / "forms.toml"
CONFIRM_DAYS = 30


@cache
def _wording() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(WORDING.read_text("utf-8"))


@dataclass(frozen=True)
class _Desk:
    """One case and the language its papers are wanted in."""

    record: Record
    language: str

    def say(self, kind: str, name: str, **values: object) -> str:
        """One phrase of the wording."""
        return _wording()[kind][name][self.language].format(**values)

    def form(
        self, kind: str, fields: list[tuple[str, str]], parts: list[Part], **more: str
    ) -> Form:
        """A paper of that kind with what stands on all of them."""
        case, names = self.record.case, self.record.names
        return Form(
            kind=kind,
            title=self.say(kind, "title"),
            case_no=case.case_no,
            organisation=names.organisation,
            day=clock.local(case.closed_at or case.accepted_at or case.filed_at).date(),
            verify_url=f"{self.record.public_url}/verify",
            fields=tuple(fields),
            parts=tuple(parts),
            note=self.say("common", "note"),
            language=self.language,
            **more,  # type: ignore[arg-type]  # key and reader are texts
        )

    def people(self) -> list[tuple[str, str]]:
        """The two sides and the desk, as fields."""
        sides: dict[str, list[str]] = {}
        for party in self.record.case.parties:
            sides.setdefault(party.side, []).append(party.name)
        desk = {seat.role: seat.label for seat in self.record.sitting.seats}
        rows = [(self.say("common", side), "、".join(names)) for side, names in sides.items()]
        rows += [(self.say("common", role), desk.get(role, "")) for role in (MEDIATOR, CLERK)]
        return rows

    def matter(self) -> list[tuple[str, str]]:
        """What it is about, as fields."""
        case = self.record.case
        amount = self.say("common", "yuan", amount=yuan(case.amount_fen))
        return [
            (self.say("common", "cause"), causes.name(case.cause, self.language)),
            (self.say("common", "claim"), case.claim),
            (self.say("common", "amount"), amount if case.amount_fen else ""),
        ]

    def lines(self, kind: str, *names: str, **values: object) -> tuple[Line, ...]:
        """Phrases as lines that nobody has confirmed."""
        return tuple(Line(self.say(kind, name, **values)) for name in names)


def forms_of(record: Record, language: str = "zh") -> list[Form]:
    """All papers that the case has come to by now, in the order of the file."""
    desk = _Desk(record, language)
    return [form for make in _MAKERS for form in make(desk)]


def for_reader(
    session: Session,
    case: Case,
    about: tuple[Names, str],
    language: str,
    party_id: UUID | None = None,
) -> list[Form]:
    """The papers of a case for one party, or for the desk; ``about``: how the house is called, and where."""
    query = select(Sitting).where(Sitting.case_id == case.id).order_by(Sitting.opened_at.desc())
    sitting = session.scalars(query.limit(1)).first()
    if sitting is None:
        return []
    found = forms_of(Record(session, sitting, case, *about), language)
    seats = {seat.key for seat in sitting.seats if seat.party_id == party_id}
    return [form for form in found if party_id is None or form.reader in {"", *seats}]


def catalogue(record: Record, rows: list[tuple[str, str, str]], language: str = "zh") -> Form:
    """What lies in the file: (title, file, SHA-256) in order."""
    desk, kind = _Desk(record, language), "catalogue"
    head = tuple(desk.say(kind, name) for name in ("number", "name", "file", "digest"))
    body = [(str(n), title, file, digest[:16]) for n, (title, file, digest) in enumerate(rows, 1)]
    part = Part(desk.say(kind, "items"), rows=(head, *body), widths=(9, 26, 39, 26))
    return desk.form(kind, desk.people(), [part])


def _receipt(desk: _Desk) -> Iterator[Form]:
    case, kind = desk.record.case, "application-receipt"
    if case.accepted_at is None:
        return
    fields = [
        *desk.people(),
        *desk.matter(),
        (desk.say(kind, "filed"), _moment(case.filed_at)),
        (desk.say(kind, "accepted"), _moment(case.accepted_at)),
    ]
    lines = desk.lines(kind, "next_1", "next_2", "next_3")
    yield desk.form(kind, fields, [Part(desk.say(kind, "next"), lines)])


def _rights(desk: _Desk) -> Iterator[Form]:
    record, kind = desk.record, "rights-notice"
    taps = taps_of(record.session, record.sitting.id, Step.RIGHTS_NOTICE)
    if not taps:
        return
    page = load(record.sitting.script)[Step.RIGHTS_NOTICE]
    values = values_of(record.sitting, record.names)
    lines = tuple(
        Line(item.text(desk.language, values), _confirmed(desk, taps, item.key))
        for item in page.items
    )
    fields = [*desk.people(), (desk.say(kind, "law"), page.law)]
    fields.append((desk.say("common", "recording"), record.sitting.room))
    yield desk.form(kind, fields, [Part(desk.say(kind, "told"), lines)])


def _confirmed(desk: _Desk, taps: list[Tap], item: str) -> str:
    labels = {seat.key: seat.label for seat in desk.record.sitting.seats}
    said = sorted((tap.t_ms, labels[tap.seat_key]) for tap in taps if tap.item == item)
    return "；".join(desk.say("common", "at", who=who, at=film_time(t_ms)) for t_ms, who in said)


def _addresses(desk: _Desk) -> Iterator[Form]:
    kind, record = "address-confirmation", desk.record
    seats = {seat.party_id: seat for seat in party_seats(record.sitting)}
    for party in record.case.parties:
        seat = seats.get(party.id)
        if not party.address or seat is None:
            continue
        fields = [
            (desk.say(kind, "party"), party.name),
            (desk.say(kind, "address"), party.address),
            (desk.say(kind, "electronic"), desk.say(kind, "electronic_text")),
            (desk.say(kind, "consented"), _consented(record, party)),
        ]
        lines = desk.lines(kind, "terms_1", "terms_2", "terms_3")
        part = Part(desk.say(kind, "terms"), lines)
        signers = (desk.say("common", "sign", who=party.name),)
        form = desk.form(kind, fields, [part], key=seat.key, reader=seat.key)
        yield replace(form, signers=signers)


def _consented(record: Record, party: Party) -> str:
    query = select(Consent.given_at).where(
        Consent.party_id == party.id, Consent.purpose == "online_mediation"
    )
    given = record.session.scalar(query)
    return _moment(given) if given else ""


def _facts(desk: _Desk) -> Iterator[Form]:
    kind, record = "undisputed-facts", desk.record
    seats = party_seats(record.sitting)
    agreed = undisputed(fact_lines(record.session, record.sitting.id), [seat.key for seat in seats])
    if not agreed:
        return
    head = tuple(desk.say(kind, name) for name in ("number", "fact", "confirmed"))
    rows = tuple((str(fact.number), fact.text, _said(desk, fact, seats)) for fact in agreed)
    fields = [*desk.people(), (desk.say("common", "recording"), record.sitting.room)]
    parts = [
        Part(desk.say(kind, "facts"), rows=(head, *rows), widths=(8, 56, 36)),
        Part(desk.say(kind, "effect"), desk.lines(kind, "effect_1")),
    ]
    yield desk.form(kind, fields, parts)


def _said(desk: _Desk, fact: FactLine, seats: list[Seat]) -> str:
    """Who confirmed it, and where in the film."""
    found = []
    for seat in seats:
        t_ms = int(fact.answers.get(seat.key, {}).get("t_ms", 0))
        found.append(desk.say("common", "at", who=seat.label, at=film_time(t_ms)))
    return "；".join(found)


def _confirmation(desk: _Desk) -> Iterator[Form]:
    kind, record = "judicial-confirmation", desk.record
    agreement = _sealed(record)
    if agreement is None or agreement.effective_at is None:
        return
    effective = clock.local(agreement.effective_at).date()
    until = calendar.add_days(effective, CONFIRM_DAYS)
    mediator = next(seat.label for seat in record.sitting.seats if seat.role == MEDIATOR)
    reasons = {"organisation": record.names.organisation, "mediator": mediator}
    fields = [
        *desk.people()[:2],
        (desk.say(kind, "court"), record.names.court),
        (desk.say(kind, "agreement"), agreement.number),
        (desk.say(kind, "effective"), _moment(agreement.effective_at)),
        (desk.say(kind, "until"), until.isoformat()),
    ]
    values = {"number": agreement.number, "head": record.sitting.head[:16], **reasons}
    parts = [
        Part(desk.say(kind, "request"), desk.lines(kind, "request_1", **values)),
        Part(desk.say(kind, "reasons"), desk.lines(kind, "reasons_1", **values)),
        Part(desk.say(kind, "promises"), desk.lines(kind, "promises_1", "promises_2")),
        Part(desk.say(kind, "papers"), desk.lines(kind, "papers_1", **values)),
    ]
    yield replace(desk.form(kind, fields, parts), signers=_signatures(desk))


def _no_agreement(desk: _Desk) -> Iterator[Form]:
    kind, record = "no-agreement", desk.record
    case, sitting = record.case, record.sitting
    if case.closed_at is None or case.outcome in (None, Outcome.AGREEMENT.value):
        return
    seats = party_seats(sitting)
    lines = fact_lines(record.session, sitting.id)
    agreed = undisputed(lines, [seat.key for seat in seats])
    facts = tuple(Line(one.text, _said(desk, one, seats)) for one in agreed)
    issues = tuple(Line(one.text) for one in lines if one not in agreed and _answered(one, seats))
    begun = sitting.opened_at or case.filed_at
    fields = [
        *desk.people(),
        *desk.matter(),
        (desk.say(kind, "begun"), f"{_moment(begun)} – {_moment(case.closed_at)}"),
        # the reason in the mediator's own words may name an offer: only the ground is told
        (desk.say(kind, "outcome"), sentence(f"mediation.ended-{case.outcome}", desk.language)),
    ]
    parts = [
        Part(desk.say(kind, "facts"), facts or desk.lines(kind, "facts_none")),
        Part(desk.say(kind, "issues"), issues or desk.lines(kind, "issues_none")),
        Part(desk.say(kind, "ways"), desk.lines(kind, "ways_1", "ways_2")),
    ]
    mediator = next(seat.label for seat in sitting.seats if seat.role == MEDIATOR)
    signers = (
        desk.say("common", "sign", who=mediator),
        desk.say("common", "seal", who=record.names.organisation),
    )
    yield replace(desk.form(kind, fields, parts), signers=signers)


def _answered(fact: FactLine, seats: list[Seat]) -> bool:
    return any(answer_of(fact, seat.key) for seat in seats)


def _served(desk: _Desk) -> Iterator[Form]:
    kind, record = "service-receipt", desk.record
    agreement = _sealed(record)
    if agreement is None or agreement.sealed_at is None:
        return
    head = tuple(desk.say(kind, name) for name in ("paper", "to", "how", "when"))
    title, how = desk.say(kind, "agreement", number=agreement.number), desk.say(kind, "platform")
    when = _moment(agreement.sealed_at)
    rows = tuple((title, party.name, how, when) for party in record.case.parties)
    parts = [
        Part(desk.say(kind, "papers"), rows=(head, *rows), widths=(34, 16, 26, 24)),
        Part(desk.say(kind, "received"), desk.lines(kind, "received_1")),
    ]
    yield replace(desk.form(kind, desk.people(), parts), signers=_signatures(desk))


def _companion(desk: _Desk) -> Iterator[Form]:
    """The agreement for who reads no Chinese; for information, so there is none in Chinese."""
    kind, record = "agreement", desk.record
    agreement = settlement.open_agreement(record.session, record.case.id)
    if desk.language == "zh" or agreement is None or not agreement.data:
        return
    fields = [
        *desk.people(),
        (desk.say("common", "cause"), causes.name(record.case.cause, desk.language)),
        (desk.say(kind, "number"), agreement.number),
        (desk.say(kind, "status"), desk.say(kind, agreement.status)),
        (desk.say(kind, "digest"), agreement.content_hash),
    ]
    terms = terms_from_json(agreement.data["terms"])
    facts = tuple(Line(fact) for fact in agreement.data["facts"])
    agreed = [clause for clause in clauses(terms, desk.language) if clause.key != "plan"]
    head = tuple(desk.say(kind, name) for name in ("instalment", "due", "sum"))
    rows = [
        (str(line.number), line.due.isoformat(), yuan(line.amount_fen))
        for line in terms.instalments
    ]
    parts = [
        Part(desk.say(kind, "facts"), facts),
        Part(desk.say(kind, "agreed"), tuple(Line(line) for one in agreed for line in one.lines)),
        *([Part(desk.say(kind, "plan"), rows=(head, *rows), widths=(14, 46, 40))] if rows else []),
        Part(desk.say(kind, "other"), desk.lines(kind, "other_1", "other_2", "other_3")),
    ]
    yield desk.form(kind, fields, parts)


def _signatures(desk: _Desk) -> tuple[str, ...]:
    """A line for each party to sign on."""
    parties = desk.record.case.parties
    return tuple(desk.say("common", "sign", who=party.name) for party in parties)


def _sealed(record: Record) -> Agreement | None:
    agreement = settlement.open_agreement(record.session, record.case.id)
    return agreement if agreement is not None and agreement.sealed_at else None


def _moment(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


_MAKERS: tuple[Callable[[_Desk], Iterator[Form]], ...] = (
    *(_receipt, _addresses, _rights, _facts, _confirmation, _no_agreement, _served, _companion),
)
