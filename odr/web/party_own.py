"""What a party takes home: her own data as a zip, and the newest checkpoint of the log; only her own."""

import json
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from odr import clock
from odr.archive import checkpoints, continuity, own_data
from odr.archive.depot import Depot
from odr.archive.note import Signer, Verifier
from odr.cases import access
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity.rights import Right, Role
from odr.web import forms
from odr.web.auth import requires
from odr.web.house import ctx, house, language
from odr.web.party import person

blueprint = Blueprint("party_own", __name__, url_prefix="/p")

RESULT = "party/checkpoint.html"
CHECKPOINT = ("存证文件", "Checkpoint")


@blueprint.get("/cases/<uuid:case_id>/my-data.zip")
@requires(Role.PARTY)
def my_data(case_id: UUID) -> ResponseReturnValue:
    """All that is kept about her in this case (PIPL art. 45); the handing out is recorded."""
    with transaction() as session:
        owner = _owner(session, case_id)
        packed = own_data.export(session, _depot(), ctx(), owner)
    answer = send_file(
        BytesIO(packed),
        mimetype="application/zip",
        as_attachment=True,
        download_name="my-data.zip",
    )
    return _private(answer)


@blueprint.get("/cases/<uuid:case_id>/checkpoint.txt")
@requires(Role.PARTY)
def checkpoint(case_id: UUID) -> ResponseReturnValue:
    """The newest signed checkpoint: whoever keeps it can show a history that was rewritten later."""
    with reading() as session:
        _owner(session, case_id)
        newest = checkpoints.latest(session)
        if newest is None:
            raise NotFound
        size, note = newest.size, newest.note
    answer = make_response(note)
    answer.mimetype = "text/plain"
    name = f"checkpoint-{size}.txt"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(answer)


@blueprint.post("/cases/<uuid:case_id>/checkpoint")
@requires(Role.PARTY)
def compare(case_id: UUID) -> ResponseReturnValue:
    """Whether the log still begins as the checkpoint says that she kept."""
    with reading() as session:
        page: dict[str, Any] = {"case": _owner(session, case_id).case, "error": ""}
        try:
            kept = _kept()
        except Refused as error:
            page["error"] = error.sentence(language())
            return render_template(RESULT, **page), 400
        found = continuity.compare(session, _verifier(), kept)
        words = found.sentence(language())
        return render_template(RESULT, **page, found=found, words=words, kept=kept)


@blueprint.post("/cases/<uuid:case_id>/checkpoint-proof.json")
@requires(Role.PARTY)
def proof(case_id: UUID) -> ResponseReturnValue:
    """The newest checkpoint and the hashes that join it to the one she kept, for whoever shall check it."""
    with reading() as session:
        _owner(session, case_id)
        found = continuity.compare(session, _verifier(), request.form.get("kept", ""))
    answer = make_response(json.dumps(found.to_json(), indent=1))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = 'attachment; filename="checkpoint-proof.json"'
    return _private(answer)


def _kept() -> str:
    """The checkpoint that was sent, as text; one that is far too long is none."""
    sent: bytes = forms.upload("file", CHECKPOINT).read(continuity.LARGEST_NOTE + 1)
    return sent.decode("utf-8", "replace")


def _verifier() -> Verifier:
    return Signer.load(house().settings.secrets_dir).verifier


def _owner(session: Session, case_id: UUID) -> own_data.Owner:
    me = person(session)
    found = access.case_for(session, me, case_id, Right.SEE_CASE)
    party = access.party_of(found, me)
    if party is None:
        raise NotFound
    return own_data.Owner(me, found, party)


def _depot() -> Depot:
    doors = house().gateways
    return Depot(house().settings, doors.authority, doors.store, clock.now)


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
