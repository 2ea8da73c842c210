"""Terms on the table, yes and no, the paper and its signatures; it does not know how signing works inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from odr import chain
from odr.errors import NotFound, Refused
from odr.identity.models import Person
from odr.mediation.facts import forget_taps
from odr.mediation.media_port import Order, mark
from odr.mediation.papers import agreement_data, signers
from odr.mediation.room import MEDIATOR
from odr.mediation.scene import OPEN, Scene, anchor, moment, party_seats
from odr.mediation.script import Step
from odr.mediation.signaling import Act
from odr.mediation.steps import SAME, identity_of, verdicts_of
from odr.settlement import drafting, sealing
from odr.settlement import service as settlement
from odr.settlement.document import MEDIATOR as MEDIATOR_FIELD
from odr.settlement.drafting import Said
from odr.settlement.models import Agreement, Proposal
from odr.settlement.strokes import strokes_from_json, strokes_to_json
from odr.settlement.terms import content_hash, terms_from_json

TALKS = (Step.NEGOTIATION, Step.AGREEMENT)


@dataclass(frozen=True, slots=True)
class SignBody:
    """What a signer's page sends: strokes, the hash on the screen; ``evidence`` is what we add."""

    strokes: object
    shown_hash: str
    consent_text: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


def _require_step(scene: Scene, *steps: Step) -> None:
    scene.require(OPEN)
    if scene.sitting.step not in steps:
        raise Refused("mediation.not-this-step")


def plan_propose(scene: Scene, act: Act) -> list[Order]:
    """Refused outside the talks or when the terms cannot be read."""
    _require_step(scene, *TALKS)
    return [mark("proposal", text_hash=content_hash(terms_from_json(act.body["terms"])))]


def propose(scene: Scene, act: Act, _results: list[dict[str, Any]]) -> dict[str, Any]:
    """A new version on the table; what was accepted and read back before counts no longer."""
    _require_step(scene, *TALKS)
    by = scene.session.get(Person, scene.seat.person_id)
    if by is None:
        raise NotFound
    made = settlement.propose(scene.session, scene.case, act.body["terms"], by, scene.now)
    forget_taps(scene, Step.AGREEMENT)
    return {"proposal": str(made.id), "number": made.number, "text_hash": made.text_hash}


def plan_answer(scene: Scene, act: Act) -> list[Order]:
    """A yes or no is marked in the film with the hash of the text, if it can be said now."""
    _require_step(scene, *TALKS)
    proposal = _proposal(scene, act)
    if act.body["text_hash"] != proposal.text_hash:
        raise Refused("mediation.text-changed")
    drafting.require_answer(scene.session, proposal, _said(scene, act, _whole(act)))
    return [mark(act.type, seat=scene.seat.key, text_hash=proposal.text_hash)]


def answer(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One party's yes or no to exactly this version."""
    _require_step(scene, *TALKS)
    told = _said(scene, act, _whole(act), moment(results))
    settlement.answer(scene.session, _proposal(scene, act), told, scene.now)
    return {}


def plan_answer_clause(scene: Scene, act: Act) -> list[Order]:
    """What is said to one clause is marked in the film, if it still says what was shown."""
    _require_step(scene, *TALKS)
    said = _said(scene, act, act.body["answer"])
    drafting.require_clause(scene.session, _proposal(scene, act), said)
    about = {name: act.body[name] for name in ("clause", "text_hash", "answer")}
    return [mark("clause", seat=scene.seat.key, **about)]


def answer_clause(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One party's yes or no to one clause; a no undoes her yes to the whole."""
    _require_step(scene, *TALKS)
    said = _said(scene, act, act.body["answer"], moment(results))
    settlement.answer_clause(scene.session, _proposal(scene, act), said, scene.now)
    return {}


def _whole(act: Act) -> str:
    return settlement.OBJECT if act.type == "reject" else settlement.ACCEPT


def _said(scene: Scene, act: Act, answer: str, t_ms: int = 0) -> Said:
    seat = scene.seat
    if seat.party_id is None:
        raise Refused("mediation.not-a-party")
    body = act.body
    reason, clause = body.get("reason", ""), body.get("clause", "")
    digest = body["text_hash"]
    return Said(seat.party_id, answer, digest, reason, clause, t_ms, seat.person_id)


def _proposal(scene: Scene, act: Act) -> Proposal:
    found = scene.session.get(Proposal, act.body["proposal"])
    if found is None or found.case_id != scene.case.id:
        raise NotFound
    return found


def plan_prepare(scene: Scene, _act: Act) -> list[Order]:
    """Refused until all parties have accepted; the paper carries the film's head of this moment."""
    _require_step(scene, Step.AGREEMENT, Step.SIGNING)
    proposal = settlement.current_proposal(scene.session, scene.case.id)
    parties = [seat.party_id for seat in party_seats(scene.sitting) if seat.party_id]
    if proposal is None or not settlement.accepted_by_all(proposal, parties):
        raise Refused("settlement.not-accepted")
    return [mark("paper", text_hash=proposal.text_hash)]


def prepare(scene: Scene, _act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the paper; from here on its text is fixed."""
    proposal = settlement.current_proposal(scene.session, scene.case.id)
    if proposal is None:
        raise Refused("settlement.not-accepted")
    head = str(results[-1].get("hash", ""))
    agreement = settlement.prepare(
        scene.session,
        scene.bench.authority,
        agreement_data(scene, terms_from_json(proposal.terms), head),
        proposal,
        signers(scene),
        scene.bench.files_dir / str(scene.case.id),
        scene.now,
    )
    return {"agreement": str(agreement.id), "content_hash": agreement.content_hash}


def plan_sign(scene: Scene, body: SignBody) -> list[Order]:
    """Refused unless it is this person's turn to sign the text she was shown; marked in the film first."""
    _require_step(scene, Step.SIGNING)
    agreement = _agreement(scene)
    name = _field(scene, agreement)
    if body.shown_hash != agreement.content_hash:
        raise Refused("mediation.text-changed")
    if scene.seat.role != MEDIATOR:
        verdict = verdicts_of(scene.session, scene.sitting.id).get(scene.seat.key)
        if verdict != SAME:
            raise Refused("mediation.lack-unidentified", who=scene.seat.label)
    if next(row for row in agreement.signatures if row.field == name).status == settlement.SIGNED:
        raise Refused("settlement.already-signed", name=scene.seat.label)
    strokes = chain.digest(chain.canonical(strokes_to_json(strokes_from_json(body.strokes))))
    shown = {"field": name, "content_hash": agreement.content_hash}
    orders = [mark("signature", seat=scene.seat.key, strokes=strokes, **shown)]
    if name == MEDIATOR_FIELD:
        orders.append(mark("seal", content_hash=agreement.content_hash))
    return orders


def sign(scene: Scene, body: SignBody, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One signature; after the mediator's the organisation's seal is put at once, or by the queue."""
    session, authority = scene.session, scene.bench.authority
    agreement = _agreement(scene)
    name = _field(scene, agreement)
    if scene.seat.person_id is None:
        raise Refused("settlement.not-your-field")
    film = {"room": scene.sitting.room, **anchor(results[0])}
    request = settlement.SignRequest(
        field=name,
        person_id=scene.seat.person_id,
        strokes=body.strokes,
        shown_hash=body.shown_hash,
        consent_text=body.consent_text,
        evidence={
            **body.evidence,
            "sitting": str(scene.sitting.id),
            "film": film,
            "identity": identity_of(scene.session, scene.sitting.id, scene.seat.key),
        },
    )
    settlement.sign(session, authority, agreement, request, scene.now)
    if name == MEDIATOR_FIELD:
        sealing.seal_or_queue(session, authority, agreement, scene.now)
    return {"field": name, "status": agreement.status, "sha256": agreement.sha256}


def _agreement(scene: Scene) -> Agreement:
    found = settlement.open_agreement(scene.session, scene.case.id)
    if found is None:
        raise Refused("mediation.no-agreement")
    return found


def _field(scene: Scene, agreement: Agreement) -> str:
    for row in agreement.signatures:
        if row.party_id is not None and row.party_id == scene.seat.party_id:
            return row.field
        if row.field == MEDIATOR_FIELD and scene.seat.role == MEDIATOR:
            return row.field
    raise Refused("settlement.not-your-field")
