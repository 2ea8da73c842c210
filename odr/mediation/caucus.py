"""Talking apart with one side (单独会谈); it does not know how the others are kept from hearing it.

The mediator may work with the sides separately where it is needed (民事调解规定 art. 5), and mediation that
is unfit for it is not recorded (庭审录音录像规定 art. 3). The minutes hold that it took place and for how
long; nothing said there is kept.
"""

from typing import Any

from odr.errors import Refused
from odr.mediation.facts import keep_note
from odr.mediation.media_port import Order, mark
from odr.mediation.models import Session as Sitting
from odr.mediation.room import DESK
from odr.mediation.scene import OPEN, Scene, moment
from odr.mediation.script import Step
from odr.mediation.signaling import Act
from odr.sentences import sentence

STEPS = frozenset({Step.FACT_CONFIRMATION.value, Step.NEGOTIATION.value})
# Neither minutes nor answers come from a talk the other side does not hear.
STILL_DONE = frozenset(
    {"rejoin", "admit", "dismiss", "mute", "cannot-hear", "device-check", "sync"}
)
APART, TOGETHER = "apart", "together"


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
    scene.sitting.caucus_since = scene.now
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
    scene.sitting.caucus, scene.sitting.caucus_since = [], None
    keep_note(scene, TOGETHER, f"{seconds // 60}分{seconds % 60}秒", moment(results))
    scene.record("caucus:closed", seconds=seconds)
    return {}


def side_of(sitting: Sitting) -> str:
    """With which side the mediator talks apart; empty when all are together."""
    for seat in sitting.seats:
        if seat.key in sitting.caucus and seat.role not in DESK:
            return seat.role
    return ""
