"""From two strangers to an appointed hour, through the pages; it does not know what is said in the room."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from odr import clock
from odr.errors import Unavailable
from odr.simulation import cast
from odr.simulation.installation import Place
from odr.simulation.people import Login, Party, hire, staff_in
from odr.simulation.phone_network import PhoneNetwork
from odr.simulation.story import Story
from odr.simulation.visitor import Visitor

UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class House:
    """The people of the house, logged in."""

    mediator: Visitor
    clerk: Visitor
    logins: dict[str, Login]


@dataclass(frozen=True)
class Appointment:
    """All that is needed to walk into the room."""

    case: str
    case_no: str
    sitting: str
    applicant: Party
    respondent: Party
    house: House


def hire_all(where: Place) -> dict[str, Login]:
    """The mediator, the clerk and the court's manager of the golden case."""
    staff = (cast.MEDIATOR, cast.CLERK, cast.COURT)
    with ThreadPoolExecutor() as pool:
        logins = pool.map(partial(hire, where), staff)
        return {who.role: login for who, login in zip(staff, logins, strict=True)}


def open_house(where: Place, logins: dict[str, Login]) -> House:
    """The mediator and the clerk log in."""
    return House(staff_in(where, logins["mediator"]), staff_in(where, logins["clerk"]), logins)


def prepare(
    where: Place, house: House, story: Story, *, begins_in: timedelta = SOON
) -> Appointment:
    """Register, file, accept, assign, schedule, invite and consent."""
    network = PhoneNetwork(where.data / "sms-simulated.jsonl")
    applicant = Party(cast.APPLICANT, Visitor(where.url), network)
    respondent = Party(cast.RESPONDENT, Visitor(where.url), network)
    with story.stage("register"):
        applicant.log_in()
        applicant.register()
    with story.stage("file"):
        case = file(applicant)
    with story.stage("prepare"):
        case_no = appoint(house.clerk, case, begins_in)
        story.tell("case-number", number=case_no)
    with story.stage("invite"):
        accept_invitation(respondent, house.clerk, case)
    with story.stage("consent"):
        for party in (applicant, respondent):
            consent(party, case)
    sitting = sitting_of(applicant, case)
    return Appointment(case, case_no, sitting, applicant, respondent, house)


def file(applicant: Party) -> str:
    """Fill in the application; the id of the new case."""
    applicant.visitor.open("/p/apply")
    applicant.visitor.submit("/p/apply", **cast.FILING)
    return found_id(applicant.visitor, "/p/cases/")


def appoint(clerk: Visitor, case: str, begins_in: timedelta) -> str:
    """Accept, assign the mediator by name, appoint the hour; the case number."""
    path = f"/c/cases/{case}"
    clerk.open(path)
    clerk.submit(f"{path}/accept")
    clerk.open(path)
    offered = clerk.form(f"{path}/assign").choices["mediator"]
    chosen = next(value for value, text in offered if text.startswith(cast.MEDIATOR.name))
    clerk.submit(f"{path}/assign", mediator=chosen)
    clerk.open(path)
    soon = clock.local(clock.now() + begins_in)
    clerk.submit(f"{path}/schedule", starts_at=soon.strftime("%Y-%m-%dT%H:%M"))
    page = clerk.open(path)
    number = re.search(r"（\d{4}）\S+?号", page.text)
    return number.group() if number else case


def accept_invitation(respondent: Party, clerk: Visitor, case: str) -> None:
    """The clerk sends the personal link, the respondent opens it, enters the code and registers."""
    path = f"/c/cases/{case}"
    page = clerk.open(path)
    forms = [form for form in page.forms if form.action.endswith("/invite")]
    seen = len(respondent.network.messages(respondent.who.phone))
    clerk.send(forms[-1])  # the parties stand in order: the respondent is the last
    link = respondent.network.link(respondent.who.phone, after=seen)
    seen = len(respondent.network.messages(respondent.who.phone))
    respondent.visitor.open(link)
    respondent.visitor.submit(link.rsplit("/", 1)[-1])
    respondent.enter_code(seen)
    respondent.register()


def consent(party: Party, case: str) -> None:
    """Consent to online mediation and to recording."""
    path = f"/p/cases/{case}/consent"
    party.visitor.open(path)
    party.visitor.submit(path, online_mediation="on", recording="on")


def sitting_of(party: Party, case: str) -> str:
    """The sitting that the party's page of the case leads to."""
    party.visitor.open(f"/p/cases/{case}")
    return found_id(party.visitor, "/sittings/")


def found_id(visitor: Visitor, part: str) -> str:
    """The id behind ``part`` in the present address or the first link that has one."""
    for text in (visitor.address, *visitor.page.links):
        if found := re.search(f"{part}({UUID})", text):
            return found.group(1)
    raise Unavailable("simulation.no-link", page=visitor.address, part=part)
