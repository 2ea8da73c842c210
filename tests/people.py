"""The people of the tests: two parties, a mediator, Charlie who has nothing to do with it, clerk, court."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy.orm import Session

from odr.cases import service as cases
from odr.cases.models import Case
from odr.db import transaction
from odr.identity import service
from odr.identity.context import Ctx
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.identity.service import NewStaff
from odr.identity.tokens import Keys
from odr.identity.vault import Vault
from odr.settings import Settings

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
APPLICANT = ("陈国强", "13800138001", "330304197803121413")
RESPONDENT = ("林福根", "13900139002", "330304195607182324")
CHARLIE = ("查理", "13700137003", "11010519491231002X")
PASSWORD = "correct horse battery"
PRIVATE_LENDING = cases.Filing(
    cause="private_lending",
    claim="归还借款 340000 元",
    story="2024 年三次借款，共 340000 元。",
    amount_fen=34_000_000,
    respondent_name=RESPONDENT[0],
    respondent_phone=RESPONDENT[1],
    applicant_address="浙江省温州市瓯海区",
)


@dataclass
class Texts:
    """A telephone network that keeps what was sent."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, phone: str, text: str) -> None:
        self.sent.append((phone, text))

    def code(self) -> str:
        words = self.sent[-1][1]
        return next(
            words[i : i + 6]
            for i in range(len(words))
            if words[i : i + 6].isascii() and words[i : i + 6].isdecimal()
        )


@dataclass(frozen=True)
class Cast:
    """The six people, and what the mediator needs to log in."""

    applicant: Person
    respondent: Person
    mediator: Person
    charlie: Person
    clerk: Person
    court: Person
    totp: str = ""

    def code(self, now: datetime) -> str:
        return pyotp.TOTP(self.totp).at(int(now.timestamp()))


def later(ctx: Ctx, **span: float) -> Ctx:
    return replace(ctx, now=ctx.now + timedelta(**span))


def make_party(session: Session, ctx: Ctx, who: tuple[str, str, str]) -> Person:
    name, phone, number = who
    person = Person(
        role=Role.PARTY.value,
        phone_cipher=ctx.vault.seal(phone, context="phone"),
        phone_index=ctx.vault.index(phone),
        created_at=ctx.now,
    )
    session.add(person)
    session.flush()
    service.register(session, ctx, person, name, number)
    return person


def make_cast(session: Session, ctx: Ctx) -> Cast:
    """Staff share one password and one TOTP secret: hashing is slow on purpose."""
    first = NewStaff("zhou.min", "周敏", Role.MEDIATOR, PASSWORD, ["private_lending"])
    mediator, _, totp = service.add_staff(session, ctx, first)
    others = [
        service.add_sample(session, ctx, NewStaff(login, name, role))
        for login, name, role in (
            ("wu.ting", "吴婷", Role.CLERK),
            ("he.jie", "何洁", Role.COURT),
        )
    ]
    for person in others:
        person.password_hash, person.totp_cipher = mediator.password_hash, mediator.totp_cipher
    clerk, court = others
    return Cast(
        make_party(session, ctx, APPLICANT),
        make_party(session, ctx, RESPONDENT),
        mediator,
        make_party(session, ctx, CHARLIE),
        clerk,
        court,
        totp,
    )


def make_case(session: Session, ctx: Ctx, cast: Cast) -> Case:
    """An accepted case, assigned to the mediator, with the respondent at her seat."""
    case = cases.file(session, ctx, session.merge(cast.applicant), PRIVATE_LENDING)
    cases.accept(session, ctx, case, cast.clerk)
    cases.assign(session, ctx, case, cast.mediator, cast.clerk)
    case.parties[1].person_id = cast.respondent.id
    session.flush()
    return case


@pytest.fixture
def texts() -> Texts:
    return Texts()


@pytest.fixture
def sms(texts: Texts) -> Texts:
    return texts


@pytest.fixture
def ctx(database: Settings, texts: Texts) -> Ctx:
    return Ctx(
        vault=Vault.of(database),
        sms=texts,
        cards=NoCardRegistry(),
        keys=Keys.load(database.secrets_dir),
        now=NOW,
        production=False,
    )


@pytest.fixture
def cast(ctx: Ctx) -> Cast:
    with transaction() as session:
        return make_cast(session, ctx)
