"""How an act is done: look, tell the media node, keep; it does not know what each act means.

No transaction is open while a media node is asked: the rules are checked reading, the node marks the
film, and a short transaction checks again and keeps what came of it. Acts of one sitting queue up.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from odr.db import reading, transaction
from odr.errors import Refused
from odr.identity.models import Person
from odr.mediation import bargaining, caucus, closing, facts, sittings, steps
from odr.mediation.bargaining import SignBody
from odr.mediation.media_port import Order
from odr.mediation.models import Session as Sitting
from odr.mediation.room import may
from odr.mediation.scene import ADJOURNED, OPEN, Bench, Ref, Scene, scene_of
from odr.mediation.signaling import Act

Results = list[dict[str, Any]]
Plan = Callable[[Scene, Act], list[Order]]
Apply = Callable[[Scene, Act, Results], dict[str, Any]]
Body = TypeVar("Body")

_LOCKS: dict[UUID, threading.RLock] = {}
_DOOR = threading.Lock()


@dataclass(frozen=True, slots=True)
class Verb:
    """What an act asks of the media node, and what it keeps. ``quiet`` acts make no new version."""

    apply: Apply
    plan: Plan = lambda _scene, _act: []
    quiet: bool = False


def _mute(scene: Scene, act: Act, _results: Results) -> dict[str, Any]:
    return {"mute": scene.chair(act.body["seat"]).key}


VERBS: dict[str, Verb] = {
    "admit": Verb(sittings.admit),
    "dismiss": Verb(sittings.dismiss, sittings.plan_dismiss),
    "open": Verb(sittings.open_, sittings.plan_open),
    "confirm-identity": Verb(steps.identity, steps.plan_identity),
    "tap": Verb(steps.tap, steps.plan_tap),
    "set-facts": Verb(facts.set_facts, facts.plan_set_facts),
    "answer-fact": Verb(facts.answer_fact, facts.plan_answer_fact),
    "advance": Verb(steps.advance, steps.plan_advance),
    "adjourn": Verb(closing.adjourn, closing.plan_adjourn),
    "resume": Verb(closing.resume, closing.plan_resume),
    "caucus": Verb(caucus.caucus, caucus.plan_caucus),
    "rejoin": Verb(caucus.rejoin, caucus.plan_rejoin),
    "ask-to-record": Verb(caucus.ask, caucus.plan_ask),
    "answer-recording": Verb(caucus.consent, caucus.plan_consent),
    "note": Verb(facts.note, facts.plan_note),
    "say": Verb(facts.note, facts.plan_note),
    "cannot-hear": Verb(facts.note, facts.plan_note),
    "object": Verb(facts.note, facts.plan_note),
    "propose": Verb(bargaining.propose, bargaining.plan_propose),
    "accept": Verb(bargaining.answer, bargaining.plan_answer),
    "reject": Verb(bargaining.answer, bargaining.plan_answer),
    "answer-clause": Verb(bargaining.answer_clause, bargaining.plan_answer_clause),
    "prepare-agreement": Verb(bargaining.prepare, bargaining.plan_prepare),
    "finish": Verb(closing.finish, closing.plan_finish),
    "mute": Verb(_mute, quiet=True),
    "device-check": Verb(sittings.device_check),
    "sync": Verb(lambda _scene, _act, _results: {}, quiet=True),
}


def perform(bench: Bench, ref: Ref, act: Act) -> dict[str, Any]:
    """Do one act of one person; the answer is what her page is told. Refused says why not."""
    verb = VERBS[act.type]

    def allowed(scene: Scene) -> None:
        if not may(scene.seat.role, act.type):
            raise Refused("mediation.not-yours")
        caucus.require_together(scene.sitting, act.type)

    def plan(scene: Scene) -> list[Order]:
        allowed(scene)
        return verb.plan(scene, act)

    def keep(scene: Scene, results: Results) -> dict[str, Any]:
        allowed(scene)
        answer = verb.apply(scene, act, results)
        if not verb.quiet:
            scene.changed()
        return answer

    with _one_at_a_time(ref.sitting_id):
        return _walk(bench, ref, plan, keep)


def sign(bench: Bench, ref: Ref, body: SignBody) -> dict[str, Any]:
    """One signature from one seat."""

    def keep(scene: Scene, results: Results) -> dict[str, Any]:
        answer = bargaining.sign(scene, body, results)
        scene.changed()
        return answer

    with _one_at_a_time(ref.sitting_id):
        return _walk(bench, ref, lambda scene: bargaining.plan_sign(scene, body), keep)


def attach(bench: Bench, ref: Ref, sdp: str) -> dict[str, Any]:
    """One browser's complete offer for one seat; the answer, the slots, the seat's new epoch."""

    def keep(scene: Scene, results: Results) -> dict[str, Any]:
        number = sittings.next_seat_epoch(scene, results)
        return {"room": scene.sitting.room, "epoch": scene.sitting.epoch, "seat_epoch": number}

    with _one_at_a_time(ref.sitting_id):
        place = _walk(bench, ref, sittings.plan_attach, keep)
    seat = {"seat": ref.seat, "seat_epoch": place["seat_epoch"]}
    order = Order("attach", {**seat, "sdp": sdp, "role": "full"})
    answer = bench.media.command(place["room"], place["epoch"], order)
    return {
        "sdp": answer["sdp"],
        "slots": answer.get("slots", []),
        "seat_epoch": place["seat_epoch"],
    }


def detach(bench: Bench, ref: Ref) -> None:
    """End the media connection of one seat; the seat stays hers."""
    with reading() as session:
        sitting = scene_of(session, bench, ref).sitting
        place = (sitting.room, sitting.epoch) if sitting.status in (OPEN, ADJOURNED) else None
    if place is not None:
        bench.media.command(*place, Order("detach", {"seat": ref.seat}))


def arrive(bench: Bench, ref: Ref) -> None:
    """Someone has connected with a ticket for this seat."""
    with transaction() as session:
        sitting = session.get(Sitting, ref.sitting_id, with_for_update=True)
        person = session.get(Person, ref.person_id)
        if sitting is None or person is None:
            raise Refused("mediation.seat-taken")
        seat = sittings.seat_of(session, sitting, person)
        seat.person_id = person.id
        session.flush()
        sittings.arrive(scene_of(session, bench, ref), person)


def leave(bench: Bench, ref: Ref) -> None:
    """Someone's page has gone away."""
    with transaction() as session:
        sittings.leave(scene_of(session, bench, ref))


def _walk(
    bench: Bench,
    ref: Ref,
    plan: Callable[[Scene], list[Order]],
    keep: Callable[[Scene, Results], dict[str, Any]],
) -> dict[str, Any]:
    with reading() as session:
        scene = scene_of(session, bench, ref)
        orders, room, epoch = plan(scene), scene.sitting.room, scene.sitting.epoch
    results: Results = []
    for order in orders:
        result = bench.media.command(room, epoch, order)
        epoch = int(result.get("epoch", epoch))
        results.append(result)
    with transaction() as session:
        return keep(_locked(session, bench, ref), results)


def _locked(session: Session, bench: Bench, ref: Ref) -> Scene:
    session.get(Sitting, ref.sitting_id, with_for_update=True)
    return scene_of(session, bench, ref)


@contextmanager
def _one_at_a_time(sitting_id: UUID) -> Iterator[None]:
    with _DOOR:
        lock = _LOCKS.setdefault(sitting_id, threading.RLock())
    with lock:
        yield
