"""How a session pauses, goes on and ends; it does not know how the film is stored or archived."""

from typing import Any

from odr import jobs
from odr.cases import service as cases
from odr.cases.models import Hearing
from odr.cases.status import Outcome
from odr.errors import Refused
from odr.mediation.facts import keep_note
from odr.mediation.media_port import Order, mark
from odr.mediation.scene import ADJOURNED, CLOSED, OPEN, WAITING, Scene, moment
from odr.mediation.signaling import Act
from odr.mediation.steps import end_step, facts_of, script_of
from odr.settlement import service as settlement


def plan_adjourn(scene: Scene, _act: Act) -> list[Order]:
    """First the word in the film, then the declared gap."""
    scene.require(OPEN)
    return [mark("adjourn", step=scene.sitting.step), Order("pause")]


def adjourn(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Interrupt; the step and everything said in it stay as they are."""
    scene.require(OPEN)
    scene.sitting.status = ADJOURNED
    keep_note(scene, "adjourned", act.body["reason"], int(results[0].get("t_ms", 0)))
    scene.record("session:adjourned", step=scene.sitting.step)
    return {}


def plan_resume(scene: Scene, _act: Act) -> list[Order]:
    """The film goes on, then says so."""
    scene.require(ADJOURNED)
    return [Order("resume"), mark("resume", step=scene.sitting.step)]


def resume(scene: Scene, _act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Go on in the same step."""
    scene.require(ADJOURNED)
    scene.sitting.status = OPEN
    keep_note(scene, "resumed", "", moment(results))
    scene.record("session:resumed", step=scene.sitting.step)
    return {}


def plan_finish(scene: Scene, act: Act) -> list[Order]:
    """Refused when the outcome does not fit what has been signed; else the film is closed and sealed."""
    scene.require(WAITING, OPEN, ADJOURNED)
    _require_outcome(scene, act.body["outcome"])
    if scene.sitting.status == WAITING:
        return []
    return [mark("end", outcome=act.body["outcome"]), Order("close")]


def _require_outcome(scene: Scene, outcome: str) -> None:
    if outcome == Outcome.AGREEMENT.value:
        script_of(scene.sitting).conclude(facts_of(scene.session, scene.sitting))
        return
    agreement = settlement.open_agreement(scene.session, scene.case.id)
    if agreement is not None and agreement.status != settlement.SIGNING:
        raise Refused("mediation.agreement-stands")


def finish(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The end, in one of the eight ways of 在线调解规则 art. 25; the closing work is queued."""
    scene.require(WAITING, OPEN, ADJOURNED)
    outcome, reason = act.body["outcome"], act.body["reason"]
    _require_outcome(scene, outcome)
    _kill_paper(scene, outcome, reason)
    end_step(scene)
    sitting = scene.sitting
    sitting.status, sitting.closed_at = CLOSED, scene.now
    if results:
        sitting.sealed = dict(results[-1].get("sealed") or {})
        sitting.head = str(results[-1].get("head", sitting.head))
        sitting.head_seq = int(results[-1].get("seq", sitting.head_seq))
        sitting.recorded_ms = int(sitting.sealed.get("duration_ms", sitting.recorded_ms))
    for seat in sitting.seats:
        seat.connected, seat.waiting_since = False, None
    _close_case(scene, Outcome(outcome), reason)
    scene.record("session:closed", outcome=outcome, head=sitting.head, seq=sitting.head_seq)
    return {"outcome": outcome}


def _kill_paper(scene: Scene, outcome: str, reason: str) -> None:
    """A paper that not everyone has signed dies with the mediation."""
    agreement = settlement.open_agreement(scene.session, scene.case.id)
    if agreement is None or outcome == Outcome.AGREEMENT.value:
        return
    waiting = next(row for row in agreement.signatures if row.status == settlement.WAITING)
    settlement.refuse(scene.session, agreement, waiting.field, reason or outcome, scene.now)


def _close_case(scene: Scene, outcome: Outcome, reason: str) -> None:
    session, sitting = scene.session, scene.sitting
    hearing = session.get(Hearing, sitting.hearing_id) if sitting.hearing_id else None
    if hearing is not None and sitting.opened_at is not None:
        hearing.status = "held"
    cases.close(session, scene.bench.ctx, scene.case, outcome, reason, scene.seat.person_id)
    payload = {"case": str(scene.case.id), "sitting": str(sitting.id)}
    order = jobs.Order("close-out", f"close-out:{scene.case.id}", payload, scene.now)
    jobs.add(session, order)
