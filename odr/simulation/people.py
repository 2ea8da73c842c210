"""How robots get in: staff from the command line, parties through the pages; it does not know the case."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pyotp

from odr import clock
from odr.errors import OdrError, Unavailable
from odr.simulation.cast import SPECIALTY, Someone, Staff
from odr.simulation.installation import Place, run_command
from odr.simulation.phone_network import PhoneNetwork
from odr.simulation.visitor import Visitor

STEP = 30
T = TypeVar("T")


@dataclass
class Login:
    """What a member of the house needs to get in; a TOTP code is never used twice."""

    name: str
    password: str = field(repr=False)
    totp: str = field(repr=False)
    used: int = 0

    def code(self) -> str:
        """A fresh code; the next step's when this step's was used (the house accepts one step of drift)."""
        step = max(int(clock.now().timestamp()) // STEP, self.used + 1)
        while step > int(clock.now().timestamp()) // STEP + 1:
            time.sleep(0.2)
        self.used = step
        return pyotp.TOTP(self.totp).at(step * STEP)


def hire(where: Place, who: Staff) -> Login:
    """Create a member of the house with ``odr people add`` and read what it prints, once."""
    words = ["people", "add", who.login, "--name", who.name, "--role", who.role]
    if who.role == "mediator":
        words += ["--specialty", SPECIALTY]
    printed = run_command(where, *words)
    return Login(who.login, _printed(printed, "password"), _printed(printed, "totp"))


def _printed(text: str, name: str) -> str:
    found = re.search(rf"(?i){name}[^:：\n]*[:：]\s*(\S+)", text)
    if found is None:
        raise Unavailable("simulation.command-failed", command="people add", words=f"no {name}")
    return found.group(1)


def staff_in(where: Place, login: Login) -> Visitor:
    """Log a member of the house in."""
    visitor = Visitor(where.url)
    visitor.open("/staff")
    visitor.submit("/staff", login_name=login.name, password=login.password, totp=login.code())
    return visitor


@dataclass(frozen=True)
class Party:
    """A party with her browser and her telephone."""

    who: Someone
    visitor: Visitor
    network: PhoneNetwork

    def log_in(self) -> None:
        """By mobile number and the code that is texted."""
        seen = len(self.network.messages(self.who.phone))
        self.visitor.open("/in")
        self.visitor.submit("/in", phone=self.who.phone)
        self.enter_code(seen)

    def enter_code(self, seen: int) -> None:
        """Type the code of the next text message into the page that asks for it."""
        code = self.network.code(self.who.phone, after=seen)
        self.visitor.submit("/in/code", code=code)

    def register(self) -> None:
        """Name and ID number."""
        self.visitor.open("/p/register")
        self.visitor.submit("/p/register", name=self.who.name, id_number=self.who.id_number)


def attempt(seconds: float, what: str, action: Callable[[], T]) -> T:
    """Try again until it works, as a person would press a button again; the last refusal is raised."""
    deadline = clock.monotonic() + seconds
    while True:
        try:
            return action()
        except OdrError as error:
            if clock.monotonic() > deadline:
                raise Unavailable("simulation.waited-in-vain", who=what, what=str(error)) from error
        time.sleep(0.3)
