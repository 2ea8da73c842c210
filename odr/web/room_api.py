"""What a page asks of the room over HTTP: ticket, state, papers, signature; no rule of the room lives here."""

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity import service as identity
from odr.identity.rights import Right, Role
from odr.mediation import service as mediation
from odr.mediation import signaling
from odr.mediation.models import Seat
from odr.settlement import service as settlement
from odr.web.audience import bench, broadcast
from odr.web.house import ctx, language
from odr.web.sockets import issue_ticket

blueprint = Blueprint("room", __name__, url_prefix="/api/sittings/<uuid:sitting_id>")
PURPOSE = "sign"
CONSENT = "本人已阅读协议全文，自愿签名。"


@blueprint.post("/ticket")
def ticket(sitting_id: UUID) -> ResponseReturnValue:
    """A ticket for this person's seat: 60 seconds, one use."""
    with reading() as session:
        sitting = mediation.sitting_for(session, g.person, sitting_id, Right.JOIN)
        seat = mediation.seat_of(session, sitting, g.person)
        body = {
            "ticket": issue_ticket(seat, g.person.id),
            "seat": seat.key,
            "seat_epoch": seat.epoch,
        }
    return jsonify(ok=True, **body)


@blueprint.get("/state")
def state(sitting_id: UUID) -> ResponseReturnValue:
    """The whole state for this person's seat; also before she has connected."""
    with reading() as session:
        sitting = mediation.sitting_for(session, g.person, sitting_id, Right.JOIN)
        seat = mediation.seat_of(session, sitting, g.person)
        return jsonify(mediation.state(session, sitting, seat, language(), bench().names))


@blueprint.post("/act")
def act(sitting_id: UUID) -> ResponseReturnValue:
    """An act of the protocol for pages whose socket is down; the same rules hold."""
    ref = _ref(sitting_id)
    wanted = signaling.read(_json())
    answer = mediation.perform(bench(), ref, wanted)
    broadcast(sitting_id)
    return jsonify(ok=True, **answer)


@blueprint.post("/propose")
def propose(sitting_id: UUID) -> ResponseReturnValue:
    """Put terms on the table: ``{"terms": {...}}``."""
    ref = _ref(sitting_id)
    wanted = signaling.read({"type": "propose", "terms": _json().get("terms")})
    answer = mediation.perform(bench(), ref, wanted)
    broadcast(sitting_id)
    return jsonify(ok=True, **answer)


@blueprint.get("/agreement/page/<int:number>.png")
def page(sitting_id: UUID, number: int) -> ResponseReturnValue:
    """One page of the agreement as it looks now."""
    return send_file(_page(sitting_id, number), mimetype="image/png", max_age=0)


@blueprint.post("/step-up")
def step_up(sitting_id: UUID) -> ResponseReturnValue:
    """Send a fresh code to the signer's phone."""
    ref = _ref(sitting_id)
    with transaction() as session:
        phone = identity.phone_of(ctx(), g.person)
        if not phone:
            raise NotFound
        attempt = identity.ask_code(
            session, ctx(), phone, purpose=PURPOSE, ip=request.remote_addr or ""
        )
    return jsonify(ok=True, attempt=str(attempt), seat=ref.seat)


@blueprint.post("/step-up/confirm")
def confirm(sitting_id: UUID) -> ResponseReturnValue:
    """The code: this browser may sign for ten minutes."""
    _ref(sitting_id)
    body = _json()
    try:
        attempt = UUID(str(body.get("attempt", "")))
    except ValueError as error:
        raise Refused("mediation.malformed", field="attempt") from error
    with transaction() as session:
        result = identity.confirm_code(session, ctx(), attempt, str(body.get("code", "")))
        proved = result.person is not None and result.person.id == g.person.id
        if proved:
            identity.step_up(session, session.merge(g.web_session), ctx().now)
    if result.refusal is not None:
        raise result.refusal
    if not proved:
        raise Refused("mediation.step-up-needed")
    return jsonify(ok=True)


@blueprint.post("/sign")
def sign(sitting_id: UUID) -> ResponseReturnValue:
    """One handwritten signature: ``{"strokes": ..., "shown_hash": ...}``; parties need a fresh code."""
    ref = _ref(sitting_id)
    if g.person.role == Role.PARTY and not identity.stepped_up(g.web_session, ctx().now):
        raise Refused("mediation.step-up-needed")
    sent = _json()
    evidence = {
        "stepped_up_at": _moment(g.web_session.stepped_up_at),
        "agent": str(request.user_agent)[:200],
    }
    body = mediation.SignBody(
        strokes=sent.get("strokes"),
        shown_hash=str(sent.get("shown_hash", "")),
        consent_text=CONSENT,
        evidence=evidence,
    )
    answer = mediation.sign(bench(), ref, body)
    broadcast(sitting_id)
    return jsonify(ok=True, **answer)


@blueprint.get("/agreement.pdf")
def paper(sitting_id: UUID) -> ResponseReturnValue:
    """The agreement as it is now, for its signers."""
    with reading() as session:
        sitting = mediation.sitting_for(session, g.person, sitting_id, Right.JOIN)
        mediation.seat_of(session, sitting, g.person)
        agreement = settlement.agreement_of(session, sitting.case_id)
        if agreement is None:
            raise NotFound
        path = Path(agreement.path)
    return send_file(path, mimetype="application/pdf", max_age=0)


def _page(sitting_id: UUID, number: int) -> Path:
    with reading() as session:
        sitting = mediation.sitting_for(session, g.person, sitting_id, Right.JOIN)
        mediation.seat_of(session, sitting, g.person)
        agreement = settlement.agreement_of(session, sitting.case_id)
        if agreement is None:
            raise NotFound
        return mediation.page(agreement, number)


def _ref(sitting_id: UUID) -> mediation.Ref:
    """The seat of who asks; NotFound for strangers and for who has never entered."""
    with reading() as session:
        sitting = mediation.sitting_for(session, g.person, sitting_id, Right.JOIN)
        seat: Seat = mediation.seat_of(session, sitting, g.person)
        return mediation.Ref(sitting_id, seat.key, g.person.id)


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused("mediation.malformed", field="JSON")
    return body


def _moment(moment: Any) -> str | None:  # noqa: ANN401 -- a datetime or None
    return moment.isoformat() if moment else None
