"""The script as this sitting walks it: taps, identity, the next step; it does not know money or papers."""

import base64
import binascii
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import chain
from odr.errors import Refused, Tampered
from odr.mediation import script
from odr.mediation.media_port import Order, mark
from odr.mediation.models import FactLine, IdentityCheck, StepRecord, Tap
from odr.mediation.models import Session as Sitting
from odr.mediation.room import CLERK, MEDIATOR, Names
from odr.mediation.scene import OPEN, Scene, moment, party_seats
from odr.mediation.script import Facts, Script, Step
from odr.mediation.signaling import Act
from odr.mediation.sittings import step_record
from odr.settings import private_file
from odr.settlement import service as settlement

SAME = "same"


def script_of(sitting: Sitting) -> Script:
    """The script where this sitting stands."""
    labels = {seat.key: seat.label for seat in party_seats(sitting)}
    return Script(labels, Step(sitting.step), sitting.script)


def values_of(sitting: Sitting, names: Names) -> dict[str, object]:
    """What fills the places in the script's texts."""
    labels = {seat.role: seat.label for seat in sitting.seats}
    return {
        "organisation": names.organisation,
        "court": names.court,
        "helpline": names.helpline,
        "retention": names.retention_days,
        "mediator": labels.get(MEDIATOR, ""),
        "clerk": labels.get(CLERK, ""),
    }


def facts_of(session: Session, sitting: Sitting) -> Facts:
    """What is known at this moment, for the script to judge."""
    seats = party_seats(sitting)
    verdicts = verdicts_of(session, sitting.id)
    taps = taps_of(session, sitting.id, sitting.step)
    lines = fact_lines(session, sitting.id)
    proposal = settlement.current_proposal(session, sitting.case_id)
    agreement = settlement.open_agreement(session, sitting.case_id)
    yes = set()
    if proposal is not None:
        yes = {row.party_id for row in proposal.answers if row.answer == settlement.ACCEPT}
    return Facts(
        present=frozenset(s.key for s in seats if s.connected and s.admitted_at is not None),
        tapped=frozenset((tap.seat_key, tap.item) for tap in taps),
        identified=frozenset(key for key, verdict in verdicts.items() if verdict == SAME),
        doubted=frozenset(key for key, verdict in verdicts.items() if verdict != SAME),
        lines=len(lines),
        answered=frozenset(s.key for s in seats if all(s.key in x.answers for x in lines)),
        proposed=proposal is not None,
        accepted=frozenset(s.key for s in seats if s.party_id in yes),
        sealed=agreement is not None and agreement.status == settlement.SEALED,
    )


def verdicts_of(session: Session, sitting_id: UUID) -> dict[str, str]:
    """The newest verdict of each seat in this sitting."""
    query = select(IdentityCheck).where(IdentityCheck.session_id == sitting_id)
    return {row.seat_key: row.verdict for row in session.scalars(query.order_by(IdentityCheck.at))}


def identity_of(session: Session, sitting_id: UUID, seat_key: str) -> dict[str, Any]:
    """The newest look at the person of a seat, as a signature rests on it; {} for the mediator herself."""
    query = select(IdentityCheck).where(
        IdentityCheck.session_id == sitting_id, IdentityCheck.seat_key == seat_key
    )
    row = session.scalars(query.order_by(IdentityCheck.at.desc()).limit(1)).first()
    if row is None:
        return {}
    seen = {"check": str(row.id), "verdict": row.verdict, "snapshot": row.sha256}
    return seen | {"by": str(row.by_person), "at": row.at.isoformat(), "t_ms": row.t_ms}


def taps_of(session: Session, sitting_id: UUID, step: str) -> list[Tap]:
    """All taps of one step."""
    return list(session.scalars(select(Tap).where(Tap.session_id == sitting_id, Tap.step == step)))


def fact_lines(session: Session, sitting_id: UUID) -> list[FactLine]:
    """The facts on the screen, in order."""
    query = select(FactLine).where(FactLine.session_id == sitting_id).order_by(FactLine.number)
    return list(session.scalars(query))


def plan_tap(scene: Scene, act: Act) -> list[Order]:
    """Refused unless the hash is that of the sentence now shown; a second tap changes nothing."""
    scene.require(OPEN)
    sitting, item = scene.sitting, act.body["item"]
    texts = script_of(sitting).page.item(item).hashes(values_of(sitting, scene.bench.names))
    if act.body["text_hash"] not in texts.values():
        raise Refused("mediation.text-changed")
    done = taps_of(scene.session, sitting.id, sitting.step)
    if any(tap.seat_key == scene.seat.key and tap.item == item for tap in done):
        return []
    body = {"seat": scene.seat.key, "step": sitting.step, "item": item}
    return [mark("tap", text_hash=act.body["text_hash"], **body)]


def tap(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One touch, kept with the text's hash and its place in the film."""
    if not plan_tap(scene, act) or not results:
        return {}
    scene.session.add(
        Tap(
            session_id=scene.sitting.id,
            seat_key=scene.seat.key,
            step=scene.sitting.step,
            item=act.body["item"],
            answer="yes",
            text_hash=act.body["text_hash"],
            at=scene.now,
            t_ms=moment(results),
        )
    )
    scene.record("step:tapped", seat=scene.seat.key, item=act.body["item"])
    return {}


def plan_identity(scene: Scene, act: Act) -> list[Order]:
    """The picture first, then the verdict in the film."""
    scene.require(OPEN)
    seat = scene.party_chair(act.body["seat"])
    if not seat.connected:
        raise Refused("mediation.lack-absent", who=seat.label)
    picture = Order("snapshot", {"seat": seat.key})
    return [picture, mark("identity", seat=seat.key, verdict=act.body["verdict"])]


def identity(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The mediator's look at one party, with the server's own picture of that moment."""
    seat, (picture, marked) = scene.party_chair(act.body["seat"]), results
    path = _keep_picture(scene, seat.key, picture)
    scene.session.add(
        IdentityCheck(
            session_id=scene.sitting.id,
            seat_key=seat.key,
            verdict=act.body["verdict"],
            by_person=scene.seat.person_id,
            snapshot=str(path),
            sha256=picture["sha256"],
            at=scene.now,
            t_ms=int(picture.get("t_ms", 0)),
        )
    )
    body = {"seat": seat.key, "verdict": act.body["verdict"], "picture": picture["sha256"]}
    scene.record("identity:checked", mark=marked.get("hash"), **body)
    return {"sha256": picture["sha256"]}


def _keep_picture(scene: Scene, seat: str, picture: dict[str, Any]) -> Path:
    """Write the JPEG into the case's folder; Tampered when it is not what the node vouched for."""
    try:
        data = base64.b64decode(picture["jpeg_b64"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise Refused("mediation.no-picture", who=scene.chair(seat).label) from error
    if chain.digest(data) != picture.get("sha256"):
        raise Tampered("mediation.picture-tampered")
    name = f"identity-{scene.sitting.room}-{seat}-{picture['sha256'][:16]}.jpg"
    path = scene.bench.files_dir / str(scene.case.id) / name
    if not path.exists():
        private_file(path, data)
    return path


def plan_advance(scene: Scene, _act: Act) -> list[Order]:
    """Refused with who is missing; else the next step is marked in the film first."""
    scene.require(OPEN)
    walked = script_of(scene.sitting).advance(facts_of(scene.session, scene.sitting))
    return [mark("step", step=walked.step.value)]


def advance(scene: Scene, _act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Walk one step: the mark's hash goes into the step's row and the audit."""
    scene.require(OPEN)
    sitting, marked = scene.sitting, results[-1]
    walked = script_of(sitting).advance(facts_of(scene.session, sitting))
    end_step(scene)
    sitting.step = walked.step.value
    sitting.head, sitting.head_seq = str(marked.get("hash", "")), int(marked.get("seq", 0))
    scene.session.add(step_record(scene, sitting.step, marked))
    scene.record("step:begun", step=sitting.step, mark=sitting.head, seq=sitting.head_seq)
    return {"step": sitting.step}


def end_step(scene: Scene) -> None:
    """Close the row of the present step."""
    query = select(StepRecord).where(
        StepRecord.session_id == scene.sitting.id, StepRecord.ended_at.is_(None)
    )
    for row in scene.session.scalars(query):
        row.ended_at = scene.now


def missing(session: Session, sitting: Sitting) -> list[script.Lack]:
    """Why the next step, or the end of the last one, is not possible yet."""
    return script_of(sitting).lacks(facts_of(session, sitting))
