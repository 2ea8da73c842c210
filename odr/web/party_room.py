"""The hour from a party's phone: trying the devices, waiting, the room; what happens in it is elsewhere."""

from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from odr.cases import access
from odr.db import reading, transaction
from odr.errors import Refused
from odr.identity.rights import Right, Role
from odr.mediation import sittings
from odr.mediation.models import Session as Sitting
from odr.web.auth import requires
from odr.web.house import now
from odr.web.party import person
from odr.web.party_view import seats_of

blueprint = Blueprint("party_room", __name__, url_prefix="/p")

FOUND = ("camera", "microphone", "sound", "network", "rtt_ms", "browser")


@blueprint.get("/check")
@requires(Role.PARTY)
def check() -> ResponseReturnValue:
    """Try camera, microphone, sound and line before the hour."""
    with reading() as session:
        seats = seats_of(session, person(session))
        sitting = seats[-1].session_id if seats else None
        return render_template("party/check.html", sitting=sitting)


@blueprint.post("/check")
@requires(Role.PARTY)
def checked() -> ResponseReturnValue:
    """Keep what the check found, so that the mediator sees it before the time."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Refused("web.bad-request")
    kept = {name: str(found[name])[:80] for name in FOUND if name in found}
    with transaction() as session:
        for seat in seats_of(session, person(session)):
            seat.device_check = {**kept, "at": now().isoformat()}
    return jsonify(ok=True)


@blueprint.get("/sittings/<uuid:sitting_id>/wait")
@requires(Role.PARTY)
def wait(sitting_id: UUID) -> ResponseReturnValue:
    """The waiting room: who is there, what will happen."""
    return _page(sitting_id, "party/wait.html")


@blueprint.get("/sittings/<uuid:sitting_id>/room")
@requires(Role.PARTY)
def room(sitting_id: UUID) -> ResponseReturnValue:
    """The room itself; everything a party needs is a sheet inside this page."""
    return _page(sitting_id, "party/room.html")


def _page(sitting_id: UUID, template: str) -> ResponseReturnValue:
    """A page of the hour; when it is over, the case instead."""
    with reading() as session:
        sitting = sittings.sitting_for(session, g.person, sitting_id, Right.JOIN)
        if sitting.status == "closed":
            return redirect(url_for("party.case", case_id=sitting.case_id))
        return render_template(template, **_shown(session, sitting))


def _shown(session: Session, sitting: Sitting) -> dict[str, object]:
    case = access.case_for(session, g.person, sitting.case_id, Right.JOIN)
    hearing = case.hearings[-1] if case.hearings else None
    starts_at = hearing.starts_at if hearing else None
    return {"sitting": sitting, "case": case, "starts_at": starts_at}
