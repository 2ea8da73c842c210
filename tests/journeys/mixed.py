"""A room with one phone in Chromium, the mediator's desktop in Chromium, and a robot on the other side."""

from dataclasses import dataclass

from odr.simulation import cast
from odr.simulation.hour import tap_all
from odr.simulation.peer import Loop
from odr.simulation.room import Room, Seating
from tests.journeys.desk import Desk, plays
from tests.journeys.phone import Phone


@dataclass
class Mixed:
    phone: Phone
    desk: Desk
    robot: Room
    loop: Loop

    def leave(self):
        self.robot.leave()
        self.loop.close()


def sit_down(served, people, appointment):
    """Everybody is in the room, the session is open and recorded."""
    url = served.where.url
    loop = Loop()
    seating = Seating(
        appointment.respondent.visitor, appointment.sitting, cast.RESPONDENT.look, loop, 3
    )
    mixed = Mixed(
        Phone(people(served, appointment.applicant.visitor, phone=True), url),
        Desk(people(served, appointment.house.mediator), url),
        Room(seating),
        loop,
    )
    mixed.robot.enter()
    mixed.phone.enter(appointment.sitting)
    mixed.desk.enter(appointment.sitting)
    mixed.desk.admit("a1")
    mixed.desk.let_in("r1")
    mixed.robot.until("admitted", lambda state: state["me"]["admitted"])
    mixed.robot.attach()
    mixed.robot.until_connected()
    mixed.desk.sees_here("r1")
    mixed.desk.open()
    mixed.desk.sees_recording()
    plays(mixed.phone.page, 3)
    return mixed


def walk_to_rights(mixed):
    """Identity is confirmed; the rights notice is on the screens."""
    mixed.robot.until("open", lambda state: state["status"] == "open")
    tap_all(mixed.robot)
    mixed.phone.tap(2)
    for seat in ("a1", "r1"):
        mixed.desk.confirm(seat)
    mixed.desk.advance("rights-notice")
    mixed.robot.until("rights", lambda state: state["step"] == "rights-notice")
