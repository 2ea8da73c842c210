"""What the house keeps about one party of one case, for herself (PIPL art. 45); it shows nobody else's.

A zip with ``my-data.json``, what she brought, the agreement she signed, and the newest checkpoint of the
audit log. Names of others are masked; nobody else's numbers, answers or signatures are in it.
"""

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, chain
from odr.archive import checkpoints
from odr.archive.depot import Depot
from odr.cases.evidence import read_evidence
from odr.cases.models import Case, Consent, Evidence, Party
from odr.identity import idcard
from odr.identity import service as identity
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.mediation.models import IdentityCheck, Seat, Tap
from odr.mediation.models import Session as Sitting
from odr.settlement.models import Acceptance, Agreement, ClauseAnswer, Signature

DATA = "my-data.json"
EXPORTED = "person:exported"
LAW = "个人信息保护法第四十五条"
WITHHELD = frozenset({"phone_cipher", "phone_index", "id", "case_id", "party_id", "session_id"})


@dataclass(frozen=True)
class Owner:
    """Who asks, in which case, as which party."""

    person: Person
    case: Case
    party: Party


def export(session: Session, depot: Depot, ctx: Ctx, owner: Owner) -> bytes:
    """The zip; what was handed out is recorded by its hash."""
    body = gathered(session, ctx, owner)
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
        packed.writestr(DATA, text)
        for name, kept in _files(session, depot, owner):
            packed.writestr(name, kept)
        checkpoint = checkpoints.latest(session)
        if checkpoint is not None:
            for name, data in checkpoints.files_of(depot, checkpoint).items():
                packed.writestr(name, data)
    made = content.getvalue()
    actor = audit.Actor.person(owner.person.id)
    told = {"party": str(owner.party.id), "sha256": chain.digest(made)}
    audit.record(session, audit.Fact(EXPORTED, actor, ctx.now, owner.case.id, told))
    return made


def gathered(session: Session, ctx: Ctx, owner: Owner) -> dict[str, Any]:
    """All rows about her in this case as JSON values."""
    party = owner.party
    seats = _seats(session, owner)
    consents = session.scalars(select(Consent).where(Consent.party_id == party.id))
    acceptances = session.scalars(select(Acceptance).where(Acceptance.party_id == party.id))
    to_clauses = session.scalars(select(ClauseAnswer).where(ClauseAnswer.party_id == party.id))
    signatures = session.scalars(select(Signature).where(Signature.party_id == party.id))
    return {
        "law": LAW,
        "made_at": ctx.now,
        "person": _person(ctx, owner.person),
        "case": _case(owner),
        "party": {
            "side": party.side,
            "name": party.name,
            "phone": identity.party_phone(ctx, party),
            "address": party.address,
        },
        "consents": _rows(consents),
        "evidence": _rows(_evidence(session, owner), without=("path",)),
        "seats": _rows(seats, without=("person_id",)),
        "answers": _of_seats(session, Tap, seats),
        "identity_checks": _of_seats(session, IdentityCheck, seats),
        "acceptances": _rows(acceptances),
        "clause_answers": _rows(to_clauses),
        "signatures": _rows(signatures),
        "acts": [audit.exported(row) for row in _acts(session, owner)],
    }


def _person(ctx: Ctx, person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "phone": identity.phone_of(ctx, person),
        "id_kind": person.id_kind,
        "id_number": identity.id_number_of(ctx, person),
        "created_at": person.created_at,
    }


def _case(owner: Owner) -> dict[str, Any]:
    case, party = owner.case, owner.party
    return {
        "number": case.case_no,
        "cause": case.cause,
        "claim": case.claim,
        "story": case.story if party.side == "applicant" else "",
        "amount_fen": case.amount_fen,
        "status": case.status,
        "outcome": case.outcome,
        "filed_at": case.filed_at,
        "closed_at": case.closed_at,
        "others": [idcard.mask_name(one.name) for one in case.parties if one.id != party.id],
    }


def _files(session: Session, depot: Depot, owner: Owner) -> Iterable[tuple[str, bytes]]:
    for number, row in enumerate(_evidence(session, owner), 1):
        path = depot.absolute(row.path)
        if path.is_file():
            kept = read_evidence(depot.vault, owner.case, row, path)
            yield f"evidence/{number:02d}{path.suffix}", kept
    query = select(Agreement).where(Agreement.case_id == owner.case.id)
    for agreement in session.scalars(query):
        path = depot.absolute(agreement.path)
        if agreement.status in {"effective", "sealed"} and path.is_file():
            yield "agreement.pdf", path.read_bytes()


def _evidence(session: Session, owner: Owner) -> list[Evidence]:
    query = select(Evidence).where(
        Evidence.case_id == owner.case.id, Evidence.party_id == owner.party.id
    )
    return list(session.scalars(query.order_by(Evidence.at)))


def _seats(session: Session, owner: Owner) -> list[Seat]:
    query = select(Seat).join(Sitting, Seat.session_id == Sitting.id)
    query = query.where(Sitting.case_id == owner.case.id, Seat.party_id == owner.party.id)
    return list(session.scalars(query))


def _of_seats(
    session: Session, kind: type[Tap | IdentityCheck], seats: list[Seat]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for seat in seats:
        query = select(kind).where(kind.session_id == seat.session_id, kind.seat_key == seat.key)
        found += _rows(session.scalars(query), without=("snapshot", "by_person"))
    return found


def _acts(session: Session, owner: Owner) -> list[audit.AuditRow]:
    """What she did herself in this case."""
    name = audit.Actor.person(owner.person.id).name
    return [row for row in audit.of_case(session, owner.case.id) if row.actor == name]


def _rows(rows: Iterable[Any], without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    hidden = WITHHELD | set(without)
    return [
        {
            column.key: getattr(row, column.key)
            for column in row.__table__.columns
            if column.key not in hidden
        }
        for row in rows
    ]


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
