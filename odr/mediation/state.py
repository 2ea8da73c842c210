"""The room as one viewer sees it, as JSON for pages and robots; it changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import clock
from odr.cases.models import Case
from odr.mediation.caucus import side_of
from odr.mediation.drafts import draft
from odr.mediation.facts import answer_of
from odr.mediation.models import Note, Seat, StepRecord
from odr.mediation.models import Session as Sitting
from odr.mediation.pages import pages_of
from odr.mediation.room import DESK, MEDIATOR, PARTIES, Names
from odr.mediation.scene import CLOSED, OPEN, party_seats
from odr.mediation.script import STEPS, Page, load
from odr.mediation.sittings import kept_apart
from odr.mediation.steps import fact_lines, missing, taps_of, values_of, verdicts_of
from odr.sentences import sentence
from odr.settlement import service as settlement
from odr.settlement.document import SEAL
from odr.settlement.models import Signature

Json = dict[str, Any]


@dataclass(frozen=True)
class _View:
    session: Session
    sitting: Sitting
    viewer: Seat
    lang: str
    names: Names
    now: datetime

    @property
    def desk(self) -> bool:
        """Whether the viewer sits on the mediator's side of the table."""
        return self.viewer.role in DESK


def state(
    session: Session, sitting: Sitting, viewer: Seat, lang: str, names: Names | None = None
) -> Json:
    """The whole state for one seat in one language, numbered by ``version``."""
    view = _View(session, sitting, viewer, lang, names or Names(), clock.now())
    page = load(sitting.script)[STEPS[_index(sitting)]]
    case_closed = sitting.status == CLOSED
    return {
        "version": sitting.version,
        "status": sitting.status,
        "step": sitting.step,
        "step_index": _index(sitting),
        "steps": _steps(view),
        "me": {
            "seat": viewer.key,
            "role": viewer.role,
            "label": viewer.label,
            "admitted": viewer.admitted_at is not None,
        },
        "seats": _seats(view),
        "read": page.read[lang].format(**values_of(sitting, view.names)),
        "law": page.law,
        "card": _card(view, page),
        "facts": _facts(view),
        "proposal": draft(session, sitting, lang, desk=view.desk),
        "agreement": _agreement(view),
        "recording": _recording(view),
        "caucus": _caucus(view),
        "missing": [] if case_closed else _missing(view),
        "notes": _notes(view),
        "outcome": _outcome(view),
    }


def _index(sitting: Sitting) -> int:
    return [step.value for step in STEPS].index(sitting.step)


def _steps(view: _View) -> list[Json]:
    query = select(StepRecord).where(StepRecord.session_id == view.sitting.id)
    rows = {row.step: row for row in view.session.scalars(query)}
    pages = load(view.sitting.script)
    found = []
    for step in STEPS:
        row = rows.get(step.value)
        end = (row.ended_at or view.now) if row else view.now
        found.append(
            {
                "key": step.value,
                "title": pages[step].title[view.lang],
                "done": bool(row and row.ended_at),
                "begun_ms": row.begun_ms if row else None,
                "elapsed_s": int((end - row.begun_at).total_seconds()) if row else 0,
            }
        )
    return found


def _seats(view: _View) -> list[Json]:
    verdicts = verdicts_of(view.session, view.sitting.id)
    taps: dict[str, list[str]] = {}
    for tap in taps_of(view.session, view.sitting.id, view.sitting.step):
        taps.setdefault(tap.seat_key, []).append(tap.item)
    return [
        {
            "seat": seat.key,
            "role": seat.role,
            "label": seat.label,
            "waiting": seat.waiting_since is not None and seat.admitted_at is None,
            "admitted": seat.admitted_at is not None,
            "connected": seat.connected,
            "identity": verdicts.get(seat.key),
            "quality": seat.quality,
            "taps": taps.get(seat.key, []),
        }
        for seat in view.sitting.seats
    ]


def _card(view: _View, page: Page) -> Json:
    values = values_of(view.sitting, view.names)
    done = {
        tap.item
        for tap in taps_of(view.session, view.sitting.id, view.sitting.step)
        if tap.seat_key == view.viewer.key
    }
    shown = page.items if view.viewer.role in PARTIES else ()
    return {
        "title": page.title[view.lang],
        "text": page.card[view.lang].format(**values),
        "items": [
            {
                "key": item.key,
                "text": item.text(view.lang, values),
                "text_hash": item.hashes(values)[view.lang],
                "done": item.key in done,
            }
            for item in shown
        ],
    }


def _facts(view: _View) -> list[Json]:
    keys = [seat.key for seat in party_seats(view.sitting)]
    return [
        {
            "id": str(line.id),
            "number": line.number,
            "text": line.text,
            "answers": {key: answer_of(line, key) for key in keys if answer_of(line, key)},
        }
        for line in fact_lines(view.session, view.sitting.id)
    ]


def _agreement(view: _View) -> Json | None:
    found = settlement.agreement_of(view.session, view.sitting.case_id)
    if found is None:
        return None
    fields = [
        {"field": row.field, "name": row.name, "status": row.status, "mine": _mine(view, row)}
        for row in found.signatures
    ]
    return {
        "id": str(found.id),
        "status": found.status,
        "content_hash": found.content_hash,
        "fields": fields,
        "pages": pages_of(found),
    }


def _mine(view: _View, row: Signature) -> bool:
    if row.party_id is not None:
        return row.party_id == view.viewer.party_id
    return row.field != SEAL and view.viewer.role == MEDIATOR


def _recording(view: _View) -> Json:
    """Who waits outside a talk apart is not recorded, whatever those inside have agreed to."""
    sitting = view.sitting
    live = sitting.status == OPEN and sitting.node is not None
    inside = not sitting.caucus or (kept_apart(sitting) and view.viewer.key in sitting.caucus)
    running = live and sitting.recording and inside
    return {
        "on": running and sitting.bytes_on_disk > 0,
        "bytes": sitting.bytes_on_disk,
        "t_ms": sitting.recorded_ms,
        "head": sitting.head,
        "head_seq": sitting.head_seq,
    }


def _caucus(view: _View) -> Json | None:
    """With which side the mediator talks apart, and whether this viewer is there."""
    if not view.sitting.caucus:
        return None
    sitting = view.sitting
    since = sitting.caucus_since or view.now
    said = sitting.caucus_consent
    return {
        "side": side_of(sitting),
        "seats": list(sitting.caucus),
        "inside": view.viewer.key in sitting.caucus,
        "elapsed_s": int((view.now - since).total_seconds()),
        "asked": said is not None,
        "recorded": kept_apart(sitting),
        "answers": dict(said or {}) if view.desk else {},
        "mine": (said or {}).get(view.viewer.key),
    }


def _missing(view: _View) -> list[str]:
    lacks = missing(view.session, view.sitting)
    return [sentence(lack.key, view.lang, who="、".join(lack.who)) for lack in lacks]


def _notes(view: _View) -> list[Json]:
    """Desk sees every line; parties what was said to all and what they said themselves."""
    query = select(Note).where(Note.session_id == view.sitting.id).order_by(Note.at)
    return [
        {"kind": row.kind, "by": row.by_label, "text": row.text, "t_ms": row.t_ms}
        for row in view.session.scalars(query)
        if view.desk or row.kind == "chat" or row.by_label == view.viewer.label
    ]


def _outcome(view: _View) -> str | None:
    case = view.session.get(Case, view.sitting.case_id)
    return case.outcome if case is not None else None
