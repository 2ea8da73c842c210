"""Talking apart with one side (单独会谈); it does not know how the others are kept from hearing it.

The mediator may work with the sides separately where it is needed (民事调解规定 art. 5), and mediation that
is unfit for it is not recorded (庭审录音录像规定 art. 3). The minutes hold that it took place and for how
long; nothing said there is kept, unless every party agrees that it is recorded: what is in the film can be
seen by all of them later, so who waits outside is asked as well.
"""

from typing import Any

from odr.errors import Refused
from odr.mediation.facts import keep_note
from odr.mediation.media_port import Order, mark
from odr.mediation.models import Session as Sitting
from odr.mediation.room import DESK
from odr.mediation.scene import OPEN, Scene, moment, party_seats
from odr.mediation.script import Step
from odr.mediation.signaling import Act
from odr.mediation.sittings import AGREES, kept_apart
from odr.sentences import sentence

STEPS = frozenset({Step.FACT_CONFIRMATION.value, Step.NEGOTIATION.value})
# Neither minutes nor answers come from a talk the other side does not hear.
STILL_DONE = frozenset(
    {
        *("rejoin", "ask-to-record", "answer-recording", "admit", "dismiss"),
        *("mute", "cannot-hear", "device-check", "sync"),
    }
)
APART, TOGETHER, KEPT, UNKEPT = "apart", "together", "apart-recorded", "apart-unrecorded"


def require_together(sitting: Sitting, act: str) -> None:
    """Refused for an act that everybody must be able to follow while some talk apart."""
    if sitting.caucus and act not in STILL_DONE:
        raise Refused("mediation.in-caucus")


def plan_caucus(scene: Scene, act: Act) -> list[Order]:
    """First the word in the film, then nothing more is recorded."""
    scene.require(OPEN)
    if scene.sitting.step not in STEPS:
        raise Refused("mediation.no-caucus-now")
    seats = _seats(scene, act.body["side"])
    return [mark("caucus", side=act.body["side"]), Order("caucus", {"seats": seats})]


def _seats(scene: Scene, side: str) -> list[str]:
    """The seats of that side that are there, and the desk."""
    seats = [seat for seat in scene.sitting.seats if seat.role == side and seat.connected]
    if not seats:
        raise Refused("mediation.nobody-there")
    desk = [seat.key for seat in scene.sitting.seats if seat.role in DESK]
    return [*(seat.key for seat in scene.sitting.seats if seat.role == side), *desk]


def caucus(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One side and the desk are apart from now on."""
    plan_caucus(scene, act)
    scene.sitting.caucus = _seats(scene, act.body["side"])
    scene.sitting.caucus_since, scene.sitting.caucus_consent = scene.now, None
    side = sentence(f"mediation.side-{act.body['side']}")
    keep_note(scene, APART, side, int(results[0].get("t_ms", 0)))
    scene.record("caucus:opened", side=act.body["side"], seats=scene.sitting.caucus)
    return {}


def plan_rejoin(scene: Scene, _act: Act) -> list[Order]:
    """All are together again, the film goes on and says so."""
    if not scene.sitting.caucus:
        raise Refused("mediation.not-in-caucus")
    return [Order("caucus", {"seats": []}), mark("rejoin")]


def rejoin(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Together again; how long it took is kept, not what was said."""
    plan_rejoin(scene, act)
    since = scene.sitting.caucus_since or scene.now
    seconds = int((scene.now - since).total_seconds())
    sitting = scene.sitting
    sitting.caucus, sitting.caucus_since, sitting.caucus_consent = [], None, None
    keep_note(scene, TOGETHER, f"{seconds // 60}分{seconds % 60}秒", moment(results))
    scene.record("caucus:closed", seconds=seconds)
    return {}


def plan_ask(scene: Scene, _act: Act) -> list[Order]:
    """Once in a talk apart: who has refused is not asked again."""
    scene.require(OPEN)
    if not scene.sitting.caucus:
        raise Refused("mediation.not-in-caucus")
    if scene.sitting.caucus_consent is not None:
        raise Refused("mediation.asked-already")
    return []


def ask(scene: Scene, act: Act, _results: list[dict[str, Any]]) -> dict[str, Any]:
    """The question stands on every party's page."""
    plan_ask(scene, act)
    scene.sitting.caucus_consent = {}
    scene.record("caucus:asked")
    return {}


def plan_consent(scene: Scene, act: Act) -> list[Order]:
    """The film goes on with the last word that was missing, and stops with the first refusal."""
    sitting = scene.sitting
    if not sitting.caucus:
        raise Refused("mediation.not-in-caucus")
    if sitting.caucus_consent is None:
        raise Refused("mediation.not-asked")
    before, after = kept_apart(sitting), _agreed(scene, act)
    if before == after:
        return []
    apart = Order("caucus", {"seats": sitting.caucus, "recorded": after})
    said = mark("caucus-recorded" if after else "caucus-unrecorded", seat=scene.seat.key)
    return [apart, said] if after else [said, apart]


def _agreed(scene: Scene, act: Act) -> bool:
    """Whether all agree once this answer is counted."""
    said = {**(scene.sitting.caucus_consent or {}), scene.seat.key: act.body["answer"]}
    return all(said.get(seat.key) == AGREES for seat in party_seats(scene.sitting))


def consent(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One party's word; the minutes say from when on all had agreed, and until when."""
    orders, answer = plan_consent(scene, act), act.body["answer"]
    sitting = scene.sitting
    sitting.caucus_consent = {**(sitting.caucus_consent or {}), scene.seat.key: answer}
    if orders and results:
        kept = kept_apart(sitting)
        when = moment(results) if kept else int(results[0].get("t_ms", 0))
        keep_note(scene, KEPT if kept else UNKEPT, scene.seat.label, when)
    scene.record("caucus:answered", seat=scene.seat.key, answer=answer)
    return {}


def side_of(sitting: Sitting) -> str:
    """With which side the mediator talks apart; empty when all are together."""
    for seat in sitting.seats:
        if seat.key in sitting.caucus and seat.role not in DESK:
            return seat.role
    return ""
