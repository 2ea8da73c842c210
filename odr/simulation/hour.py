"""The hour in the room as the robots live it, step by step; it does not know what comes before or after.

Every act is one that a person could do with a finger on the page; the robots wait for what the page
would show them and for nothing else.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from odr import clock
from odr.errors import OdrError, Unavailable
from odr.simulation import cast
from odr.simulation.before import Appointment
from odr.simulation.handwriting import strokes
from odr.simulation.peer import Loop
from odr.simulation.people import attempt
from odr.simulation.picture import Look
from odr.simulation.room import Room, Seating, State
from odr.simulation.story import Story
from odr.simulation.visitor import Visitor

PARTIES = ("a1", "r1")
IN_NO_HURRY = 55.0


@dataclass(frozen=True)
class Table:
    """The four live seats."""

    applicant: Room
    respondent: Room
    mediator: Room
    clerk: Room
    appointment: Appointment
    loop: Loop

    @property
    def parties(self) -> tuple[Room, Room]:
        """Both sides."""
        return (self.applicant, self.respondent)

    @property
    def rooms(self) -> tuple[Room, ...]:
        """All seats, the parties first."""
        return (*self.parties, self.mediator, self.clerk)

    def leave(self) -> None:
        """Everybody hangs up."""
        for room in self.rooms:
            room.leave()
        self.loop.close()


def table(appointment: Appointment) -> Table:
    """Four robots with their browsers, not yet in the room."""
    loop = Loop()

    def seat(visitor: Visitor, look: Look) -> Room:
        return Room(Seating(visitor, appointment.sitting, look, loop))

    return Table(
        seat(appointment.applicant.visitor, cast.APPLICANT.look),
        seat(appointment.respondent.visitor, cast.RESPONDENT.look),
        seat(appointment.house.mediator, cast.MEDIATOR.look),
        seat(appointment.house.clerk, cast.CLERK.look),
        appointment,
        loop,
    )


def live(at: Table, story: Story, *, pace: float = 1.0) -> None:
    """Walk the whole script; ``pace`` is the seconds that people take between two steps."""
    walk: list[tuple[str, Callable[[Table], None]]] = [
        ("enter", enter),
        ("identity", identify),
        ("rights", acknowledge),
        ("facts", settle_facts),
        ("negotiation", negotiate),
        ("agreement", confirm_agreement),
        ("signing", sign_all),
        ("finish", finish),
    ]
    for name, step in walk:
        with story.stage(name):
            step(at)
            if name != "finish":
                # People breathe and the film should show it, but not on a slow machine.
                time.sleep(pace if story.passed < IN_NO_HURRY else pace / 4)
        if name == "enter":
            story.tell("recorded", bytes=at.mediator.state["recording"]["bytes"])


def enter(at: Table) -> None:
    """Device check, waiting room, admitted, cameras on, opened, recorded."""
    check = {"camera": True, "microphone": True, "sound": True, "network": True}
    for room in at.rooms:
        room.enter()
        room.act("device-check", **check)
    for room in (at.mediator, at.clerk):
        room.attach()
    at.mediator.act("admit", seat=at.applicant.seat)
    at.clerk.act("admit", seat=at.respondent.seat)
    together(at.parties, _sit_down)
    for room in at.rooms:
        room.until_connected()
    at.mediator.act("open")
    at.mediator.until("recording", lambda s: s["recording"]["on"] and s["recording"]["bytes"] > 0)
    for room in at.rooms:
        room.until("everybody's picture", partial(_sees_all, room, len(at.rooms) - 1))


def _sees_all(room: Room, others: int, _state: State) -> bool:
    return len(room.peer.pictures) >= others


def _sit_down(room: Room) -> None:
    room.until("admitted", lambda state: state["me"]["admitted"])
    room.attach()


def identify(at: Table) -> None:
    """Each party says who she is; the mediator compares, with a picture taken on the server."""
    together(at.parties, tap_all)
    for seat in PARTIES:
        confirm = partial(at.mediator.act, "confirm-identity", seat=seat, verdict="same")
        attempt(15, cast.MEDIATOR.name, confirm)
    advance(at, "rights-notice")


def acknowledge(at: Table) -> None:
    """Each party touches each item of the rights notice."""
    together(at.parties, tap_all)
    advance(at, "fact-confirmation")


def settle_facts(at: Table) -> None:
    """The mediator writes the facts; each side agrees or disputes line by line."""
    at.mediator.act("set-facts", lines=list(cast.FACTS))
    together(at.parties, _answer_facts)
    advance(at, "negotiation")


def _answer_facts(room: Room) -> None:
    room.until("facts", lambda state: len(state["facts"]) == len(cast.FACTS))
    for line, answer in zip(room.state["facts"], cast.ANSWERS[room.seat], strict=True):
        room.act("answer-fact", fact=line["id"], answer=answer)
    tap_all(room)


def negotiate(at: Table) -> None:
    """Three instalments are objected to with a reason, seven are accepted by both."""
    today = clock.today()
    at.mediator.act("propose", terms=cast.offer(cast.FIRST_OFFER, today))
    first = _proposal(at.respondent, "")["proposal"]
    _proposal(at.applicant, "")
    at.applicant.act("answer-clause", **_plan(at.applicant), answer="accept")
    at.respondent.act("answer-clause", **_plan(at.respondent), answer="object", reason=cast.REASON)
    at.mediator.act("propose", terms=cast.offer(cast.INSTALMENTS, today))
    for room in at.parties:
        whole = _proposal(room, first)
        room.act("answer-clause", **_plan(room), answer="accept")
        room.act("accept", **whole)
    tap_together(at)
    advance(at, "agreement")


def _proposal(room: Room, before: str) -> dict[str, str]:
    state = room.until("proposal", lambda s: s["proposal"] and str(s["proposal"]["id"]) != before)
    found = state["proposal"]
    return {"proposal": str(found["id"]), "text_hash": str(found["text_hash"])}


def _plan(room: Room) -> dict[str, str]:
    """The clause about the instalments, as it stands on this seat's screen."""
    found = room.state["proposal"]
    clause = next(one for one in found["clauses"] if one["key"] == "plan")
    return {"proposal": found["id"], "clause": "plan", "text_hash": clause["text_hash"]}


def confirm_agreement(at: Table) -> None:
    """The paper is made and read; each side says it understood and agrees freely."""
    at.mediator.act("prepare-agreement")
    for room in at.parties:
        room.until("agreement", lambda state: state["agreement"]["pages"] > 0, 30)
    tap_together(at)
    advance(at, "signing")


def sign_all(at: Table) -> None:
    """Each party reads every page, enters a fresh code and signs; then the mediator; then the seal."""
    for room, party in zip(
        at.parties, (at.appointment.applicant, at.appointment.respondent), strict=True
    ):
        _read(room)
        seen = len(party.network.messages(party.who.phone))
        path = f"/api/sittings/{at.appointment.sitting}"
        started = room.seating.visitor.call(f"{path}/step-up")
        code = party.network.code(party.who.phone, after=seen)
        room.seating.visitor.call(
            f"{path}/step-up/confirm", {"attempt": started["attempt"], "code": code}
        )
        _sign(room, at)
    _sign(at.mediator, at)
    at.mediator.until("sealed", lambda state: state["agreement"]["status"] == "sealed", 30)


def _read(room: Room) -> None:
    path = f"/api/sittings/{room.seating.sitting}/agreement/page"
    for number in range(1, room.state["agreement"]["pages"] + 1):
        room.seating.visitor.download(f"{path}/{number}.png")


def _sign(room: Room, at: Table) -> None:
    body = {
        "strokes": strokes(room.seating.look.name, 1),
        "shown_hash": room.state["agreement"]["content_hash"],
    }
    room.seating.visitor.call(f"/api/sittings/{at.appointment.sitting}/sign", body)


def finish(at: Table) -> None:
    """The mediator closes the hour; all see that it is over."""
    at.mediator.act("finish", outcome="agreement", reason="")
    at.mediator.until("closed", lambda state: state["status"] == "closed", 30)


def tap_together(at: Table) -> None:
    """Both sides touch what the present step asks of them."""
    together(at.parties, tap_all)


def tap_all(room: Room) -> None:
    """Touch each open item of the present step, with the hash of the sentence on the screen."""
    for item in room.state["card"]["items"]:
        if not item["done"]:
            room.act("tap", item=item["key"], text_hash=item["text_hash"])


def advance(at: Table, step: str) -> None:
    """The mediator opens the next step; everybody's page turns."""
    attempt(10, cast.MEDIATOR.name, lambda: at.mediator.act("advance"))
    for room in at.rooms:
        room.until(f"step {step}", lambda state: state["step"] == step)


def together(rooms: Iterable[Room], action: Callable[[Room], object]) -> None:
    """Several people act at the same time; the first trouble is raised."""
    troubles: list[OdrError] = []

    def run(room: Room) -> None:
        try:
            action(room)
        except OdrError as error:
            troubles.append(error)

    threads = [threading.Thread(target=run, args=(room,), daemon=True) for room in rooms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if troubles:
        raise troubles[0]
    if any(thread.is_alive() for thread in threads):
        raise Unavailable("simulation.waited-in-vain", who="robots", what="each other")


def heard(room: Room) -> dict[str, State]:
    """What a robot saw and heard on each of its slots: frames and the last pitch in Hz."""
    return {
        str(seat): {
            "pictures": room.peer.pictures.get(slot, 0),
            "pitch": room.peer.pitches.get(slot, 0),
        }
        for slot, seat in enumerate(room.slots)
        if seat
    }
