"""Facts put to the parties and lines of the minutes; it does not know the script's order or the papers."""

from typing import Any
from uuid import uuid4

from sqlalchemy import delete

from odr import chain
from odr.errors import NotFound, Refused
from odr.mediation.media_port import Order, mark
from odr.mediation.models import FactLine, Note, Tap
from odr.mediation.scene import ADJOURNED, CLOSED, OPEN, Scene, moment
from odr.mediation.script import STEPS, Step
from odr.mediation.signaling import Act
from odr.mediation.steps import fact_lines

KINDS = {"note": "note", "say": "chat", "object": "objection", "cannot-hear": "cannot-hear"}


def plan_set_facts(scene: Scene, act: Act) -> list[Order]:
    """Refused when the facts have been confirmed already."""
    scene.require(OPEN)
    if STEPS.index(Step(scene.sitting.step)) > STEPS.index(Step.FACT_CONFIRMATION):
        raise Refused("mediation.facts-confirmed")
    lines = act.body["lines"]
    return [mark("facts", count=len(lines), sha256=chain.digest("\n".join(lines).encode()))]


def set_facts(scene: Scene, act: Act, _results: list[dict[str, Any]]) -> dict[str, Any]:
    """Put these lines on the screen; an unchanged line keeps its answers, a changed one loses them."""
    plan_set_facts(scene, act)
    session, sitting = scene.session, scene.sitting
    before = {line.text: line.answers for line in fact_lines(session, sitting.id)}
    session.execute(delete(FactLine).where(FactLine.session_id == sitting.id))
    for number, text in enumerate(dict.fromkeys(act.body["lines"]), 1):
        answers = dict(before.get(text, {}))
        session.add(
            FactLine(id=uuid4(), session_id=sitting.id, number=number, text=text, answers=answers)
        )
    forget_taps(scene, Step.FACT_CONFIRMATION)
    scene.record("facts:set", count=len(act.body["lines"]))
    return {}


def forget_taps(scene: Scene, step: Step) -> None:
    """What was acknowledged before the text changed must be acknowledged again."""
    taps = delete(Tap).where(Tap.session_id == scene.sitting.id, Tap.step == step.value)
    scene.session.execute(taps)


def plan_answer_fact(scene: Scene, act: Act) -> list[Order]:
    """Refused outside the step of facts; NotFound when the line has been changed meanwhile."""
    scene.require(OPEN)
    if scene.sitting.step != Step.FACT_CONFIRMATION:
        raise Refused("mediation.not-this-step")
    line = _line(scene, act)
    body = {"seat": scene.seat.key, "number": line.number, "answer": act.body["answer"]}
    return [mark("fact", sha256=chain.digest(line.text.encode()), **body)]


def answer_fact(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One party's word on one fact."""
    plan_answer_fact(scene, act)
    line = _line(scene, act)
    said = {"answer": act.body["answer"], "at": scene.now.isoformat(), "t_ms": moment(results)}
    line.answers = {**line.answers, scene.seat.key: said}
    scene.record("fact:answered", fact=str(line.id), answer=act.body["answer"])
    return {}


def _line(scene: Scene, act: Act) -> FactLine:
    line = scene.session.get(FactLine, act.body["fact"])
    if line is None or line.session_id != scene.sitting.id:
        raise NotFound
    return line


def undisputed(lines: list[FactLine], seats: list[str]) -> list[FactLine]:
    """The facts that every party has called agreed (在线调解规则 art. 22)."""
    return [line for line in lines if all(answer_of(line, key) == "agreed" for key in seats)]


def answer_of(line: FactLine, seat: str) -> str:
    """One seat's word on one fact, or an empty text."""
    return str(line.answers.get(seat, {}).get("answer", ""))


def plan_note(scene: Scene, act: Act) -> list[Order]:
    """What is said while the film runs is anchored in it; the film holds the hash, not the words."""
    if scene.sitting.status == CLOSED:
        raise Refused("mediation.is-closed")
    if scene.sitting.status != OPEN:
        return []
    text = str(act.body.get("text", ""))
    digest = chain.digest(text.encode())
    return [mark(KINDS[act.type], seat=scene.seat.key, sha256=digest)]


def note(scene: Scene, act: Act, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep one line: a note, a word to all, an objection, or that someone cannot hear."""
    if scene.sitting.status == CLOSED:
        raise Refused("mediation.is-closed")
    if scene.sitting.status == ADJOURNED and act.type == "say":
        raise Refused("mediation.is-adjourned")
    keep_note(scene, KINDS[act.type], str(act.body.get("text", "")), moment(results))
    return {}


def keep_note(scene: Scene, kind: str, text: str, t_ms: int) -> None:
    """One line of the minutes."""
    scene.session.add(
        Note(
            session_id=scene.sitting.id,
            kind=kind,
            by_label=scene.seat.label,
            text=text,
            at=scene.now,
            t_ms=t_ms,
        )
    )
