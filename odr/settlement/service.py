"""What happens to an agreement, from the paper to the seal; it does not know the room or the page.

How its text comes about is in ``drafting``; whoever wants anything of settlements finds it here.

Every verb takes the session of the caller's transaction and never commits. Files are written before the
transaction ends and never overwritten: each signature makes a new file, so a rollback loses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as filled
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from odr import audit, chain, jobs
from odr.errors import Refused, Tampered
from odr.settings import private_file
from odr.settlement import drafting, previews, register, signing
from odr.settlement.authority import Authority
from odr.settlement.document import (
    MEDIATOR,
    SEAL,
    AgreementData,
    data_to_json,
    fields_of,
    render,
)
from odr.settlement.fonts import open_fonts
from odr.settlement.models import Agreement, DueInstalment, Proposal, Signature
from odr.settlement.strokes import strokes_from_json, strokes_to_json
from odr.settlement.terms import content_hash, terms_from_json

render_pages = previews.render_pages
propose, answer = drafting.propose, drafting.answer
answer_clause, accepted_by_all = drafting.answer_clause, drafting.accepted_by_all
current_proposal, versions = register.current_proposal, register.versions
agreement_of, open_agreement = register.agreement_of, register.open_agreement
ACCEPT, OBJECT = drafting.ACCEPT, drafting.OBJECT
SIGNING, EFFECTIVE = register.SIGNING, register.EFFECTIVE
SEALED, REFUSED = register.SEALED, register.REFUSED
WAITING, SIGNED = "waiting", "signed"
MILESTONES = frozenset({"agreement:signed", "agreement:sealed"})


@dataclass(frozen=True)
class Signer:
    """Who signs which field; a party has both ids, the mediator only a person."""

    field: str
    name: str
    party_id: UUID | None
    person_id: UUID | None


@dataclass(frozen=True)
class SignRequest:
    """What the phone sends: raw strokes, the hash that was on the screen, the words agreed to."""

    field: str
    person_id: UUID
    strokes: object
    shown_hash: str
    consent_text: str = ""
    evidence: Mapping[str, Any] = filled(default_factory=dict)


def prepare(  # noqa: PLR0913, PLR0917 -- what one paper is made of
    session: Session,
    authority: Authority,
    data: AgreementData,
    proposal: Proposal,
    signers: Sequence[Signer],
    folder: Path,
    now: datetime,
) -> Agreement:
    """Typeset and certify the paper; from here on its text is fixed.

    Refused when not everybody accepted, when one is already open, or when a character cannot be printed.
    """
    parties = [signer.party_id for signer in signers if signer.party_id]
    if not accepted_by_all(proposal, parties):
        raise Refused("settlement.not-accepted")
    if open_agreement(session, proposal.case_id):
        raise Refused("settlement.agreement-exists")
    if content_hash(data.terms) != proposal.text_hash:
        raise Refused("settlement.text-changed")
    pdf = signing.prepare(_desk(authority), render(data, authority.cache), now)
    agreement = Agreement(
        id=uuid4(),
        case_id=proposal.case_id,
        proposal_id=proposal.id,
        number=data.case_no,
        status=SIGNING,
        content_hash=chain.digest(pdf),
        data=data_to_json(data),
        prepared_at=now,
    )
    _keep(agreement, folder, pdf)
    agreement.signatures = _rows(data, signers)
    session.add(agreement)
    body = {"agreement": str(agreement.id), "content_hash": agreement.content_hash}
    _record(session, "agreement:prepared", (None, agreement.case_id, now), body)
    return agreement


def _rows(data: AgreementData, signers: Sequence[Signer]) -> list[Signature]:
    given = {signer.field: signer for signer in signers}
    rows = []
    for number, (name_of_field, name) in enumerate(fields_of(data), 1):
        signer = given.get(name_of_field, Signer(name_of_field, name, None, None))
        rows.append(
            Signature(
                number=number,
                field=name_of_field,
                name=name,
                party_id=signer.party_id,
                person_id=signer.person_id,
                status=WAITING,
            )
        )
    return rows


def sign(
    session: Session,
    authority: Authority,
    agreement: Agreement,
    request: SignRequest,
    now: datetime,
) -> Signature:
    """One handwritten signature; the agreement is effective when the last party has signed.

    Refused: changed text, another's field, a second signature, the mediator before the parties, no strokes.
    Tampered when the file on disk is not the one last written.
    """
    row = _signature(session, agreement, request.field)
    if row.person_id is None or row.person_id != request.person_id:
        raise Refused("settlement.not-your-field")
    _require_turn(agreement, row)
    if request.shown_hash != agreement.content_hash:
        raise Refused("settlement.text-changed")
    strokes = strokes_from_json(request.strokes)
    evidence = _evidence(agreement, request, now) | {"strokes": strokes_to_json(strokes)}
    digest = chain.digest(chain.canonical(evidence))
    act = signing.Act(row.field, row.name, digest, strokes, now)
    pdf = signing.sign(_desk(authority), _current(agreement), act)
    _keep(agreement, Path(agreement.path).parent, pdf)
    row.evidence, row.evidence_hash = evidence, digest
    row.status, row.signed_at = SIGNED, now
    body = {"agreement": str(agreement.id), "field": row.field, "evidence": digest}
    _record(
        session,
        "agreement:signed",
        (row.person_id, agreement.case_id, now),
        body | {"sha256": agreement.sha256},
    )
    if agreement.status == SIGNING and not _waiting(agreement, parties_only=True):
        _take_effect(session, agreement, now)
    return row


def _evidence(agreement: Agreement, request: SignRequest, now: datetime) -> dict[str, Any]:
    return {
        "agreement": str(agreement.id),
        "content_hash": agreement.content_hash,
        "file_before": agreement.sha256,
        "field": request.field,
        "person": str(request.person_id),
        "consent_text": request.consent_text,
        "at": now.isoformat(),
        "more": dict(request.evidence),
    }


def seal(session: Session, authority: Authority, agreement: Agreement, now: datetime) -> Signature:
    """The organisation's seal and the time stamp over the whole file; after the mediator's signature."""
    row = _signature(session, agreement, SEAL)
    _require_turn(agreement, row)
    pdf = signing.seal(_desk(authority), _current(agreement), now)
    _keep(agreement, Path(agreement.path).parent, pdf)
    row.status, row.signed_at = SIGNED, now
    agreement.status, agreement.sealed_at = SEALED, now
    body = {"agreement": str(agreement.id), "sha256": agreement.sha256}
    _record(session, "agreement:sealed", (None, agreement.case_id, now), body)
    return row


def refuse(
    session: Session, agreement: Agreement, field: str, reason: str, now: datetime
) -> Agreement:
    """A signer says no: the paper is dead, nobody else can sign it."""
    row = _signature(session, agreement, field)
    if row.status == SIGNED or agreement.status != SIGNING:
        raise Refused("settlement.agreement-closed", status=agreement.status)
    row.status = agreement.status = REFUSED
    row.evidence = {"reason": reason, "at": now.isoformat()}
    body = {"agreement": str(agreement.id), "field": field}
    _record(session, "agreement:refused", (row.person_id, agreement.case_id, now), body)
    return agreement


def _signature(session: Session, agreement: Agreement, name: str) -> Signature:
    session.flush()
    session.refresh(agreement, with_for_update=True)
    for item in agreement.signatures:  # another signer may have been faster
        session.refresh(item)
    row = next((item for item in agreement.signatures if item.field == name), None)
    if row is None:
        raise Refused("settlement.field-unknown", field=name)
    return row


def _require_turn(agreement: Agreement, row: Signature) -> None:
    if row.status == SIGNED:
        raise Refused("settlement.already-signed", name=row.name)
    if agreement.status not in (SIGNING, EFFECTIVE):
        raise Refused("settlement.agreement-closed", status=agreement.status)
    before = _waiting(agreement, parties_only=row.field == MEDIATOR) if row.party_id is None else []
    missing = [item.name for item in before if item is not row]
    if missing:
        raise Refused("settlement.signs-too-early", missing="、".join(missing))


def _waiting(agreement: Agreement, *, parties_only: bool) -> list[Signature]:
    return [
        item
        for item in agreement.signatures
        if item.status != SIGNED
        and (item.field.startswith("party-") if parties_only else item.field != SEAL)
    ]


def _take_effect(session: Session, agreement: Agreement, now: datetime) -> None:
    agreement.status, agreement.effective_at = EFFECTIVE, now
    for line in terms_from_json(agreement.data["terms"]).instalments:
        session.add(
            DueInstalment(
                agreement_id=agreement.id,
                case_id=agreement.case_id,
                number=line.number,
                due=line.due,
                amount_fen=line.amount_fen,
            )
        )
    body = {"agreement": str(agreement.id), "sha256": agreement.sha256}
    _record(session, "agreement:effective", (None, agreement.case_id, now), body)


def _desk(authority: Authority) -> signing.Desk:
    return signing.Desk(authority, open_fonts(authority.cache))


def _current(agreement: Agreement) -> bytes:
    data = Path(agreement.path).read_bytes()
    if chain.digest(data) != agreement.sha256:
        raise Tampered("settlement.file-tampered", item=Path(agreement.path).name)
    return data


def _keep(agreement: Agreement, folder: Path, pdf: bytes) -> None:
    agreement.sha256 = chain.digest(pdf)
    target = folder / f"agreement-{agreement.id}-{agreement.sha256[:16]}.pdf"
    if not target.exists():
        private_file(target, pdf)
    agreement.path = str(target)


def _record(
    session: Session,
    action: str,
    who: tuple[UUID | None, UUID, datetime],
    body: Mapping[str, Any],
) -> None:
    person_id, case_id, now = who
    actor = audit.Actor.person(person_id) if person_id else audit.SYSTEM
    row = audit.record(session, audit.Fact(action, actor, now, case_id, body))
    if action in MILESTONES:  # the log is vouched for at once, not at the next ten minutes
        order = jobs.Order("checkpoint", f"checkpoint:{row.seq}", {"milestone": action}, now)
        jobs.add(session, order)
