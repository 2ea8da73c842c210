"""One case around one table: two parties, a mediator, a clerk, a fake media node, a real database."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from odr import chain, clock
from odr.cases.models import Case, Consent, Hearing, Party
from odr.db import db, process_app, reading, transaction
from odr.identity.context import Ctx
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.gateways.sms_console import ConsoleSms
from odr.identity.models import Person
from odr.identity.tokens import Keys
from odr.identity.vault import Vault
from odr.mediation import service, signaling
from odr.mediation.models import Session as Sitting
from odr.mediation.room import Names
from odr.settlement.authority import Authority
from odr.settlement.terms import Terms, plan_equal, to_json
from tests.fakes import FakeMedia, settings_in

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
STROKES = [
    [{"x": 10 * n + 40 * s, "y": 50 + 9 * (n % 4), "t": 16 * n, "p": 0.5} for n in range(12)]
    for s in range(3)
]


def terms(count: int = 7) -> dict[str, Any]:
    plan = plan_equal(34_000_000, count, clock.today() + timedelta(days=30))
    return to_json(Terms(34_000_000, plan, "农业银行 6230 5203 1001 8861 234"))


@dataclass
class Table:
    """Everything a test needs to sit down and act."""

    bench: service.Bench
    media: FakeMedia
    sitting_id: Any
    case_id: Any
    people: dict[str, Any]
    hurry: int = field(default=0)

    def act(self, seat: str, type_: str, /, **fields: Any) -> dict[str, Any]:
        self.hurry += 1
        bench = replace(
            self.bench, ctx=replace(self.bench.ctx, now=NOW + timedelta(seconds=self.hurry))
        )
        act = signaling.read({"type": type_, **fields})
        return service.perform(bench, self.ref(seat), act)

    def ref(self, seat: str) -> service.Ref:
        return service.Ref(self.sitting_id, seat, self.people[seat])

    def state(self, seat: str = "m", lang: str = "zh") -> dict[str, Any]:
        with reading() as session:
            scene = service.scene_of(session, self.bench, self.ref(seat))
            return service.state(session, scene.sitting, scene.seat, lang, self.bench.names)

    def arrive(self, *seats: str) -> None:
        for seat in seats:
            service.arrive(self.bench, self.ref(seat))

    def connect(self, *seats: str) -> None:
        for seat in seats:
            service.attach(self.bench, self.ref(seat), "v=0\r\n")
        with transaction() as session:
            for row in session.get(Sitting, self.sitting_id).seats:
                row.connected = row.connected or row.key in seats

    def begin(self) -> None:
        self.arrive("m", "c", "a1", "r1")
        for seat in ("a1", "r1"):
            self.act("m", "admit", seat=seat)
        self.connect("m", "a1", "r1")
        self.act("m", "open")

    def tap_all(self) -> None:
        for seat in ("a1", "r1"):
            for item in self.state(seat)["card"]["items"]:
                if not item["done"]:
                    digest = chain.digest(item["text"].encode())
                    self.act(seat, "tap", item=item["key"], text_hash=digest)

    def walk(self, until: str) -> None:
        """Walk from the beginning to the given step, doing what each step asks."""
        self.begin()
        while self.state()["step"] != until:
            self.do_step(self.state()["step"])
            self.act("m", "advance")

    def do_step(self, step: str) -> None:
        if step == "identity-check":
            for seat in ("a1", "r1"):
                self.act("m", "confirm-identity", seat=seat, verdict="same")
        elif step == "fact-confirmation":
            self.act("m", "set-facts", lines=["借款三十四万元", "约定利息"])
            for line in self.state()["facts"]:
                self.act("a1", "answer-fact", fact=line["id"], answer="agreed")
                said = "agreed" if line["number"] == 1 else "disputed"
                self.act("r1", "answer-fact", fact=line["id"], answer=said)
        elif step == "negotiation":
            self.act("m", "propose", terms=terms())
        elif step == "agreement":
            self.accept("a1", "r1")
            self.act("m", "prepare-agreement")
        self.tap_all()

    def accept(self, *seats: str) -> None:
        found = self.state()["proposal"]
        for seat in seats:
            self.act(seat, "accept", proposal=found["id"], text_hash=found["text_hash"])

    def sign(self, seat: str, **changes: Any) -> dict[str, Any]:
        shown = changes.pop("shown_hash", self.state()["agreement"]["content_hash"])
        body = service.SignBody(strokes=STROKES, shown_hash=shown, **changes)
        return service.sign(self.bench, self.ref(seat), body)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.load(tmp_path_factory.mktemp("secrets"), Names().organisation)


@pytest.fixture
def app(tmp_path: Path):
    application = process_app(settings_in(tmp_path))
    with application.app_context():
        db.create_all()
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def bench(app, tmp_path: Path, authority: Authority) -> service.Bench:
    ctx = Ctx(
        vault=Vault.of(settings_in(tmp_path)),
        sms=ConsoleSms(tmp_path, production=False),
        cards=NoCardRegistry(),
        keys=Keys.load(tmp_path / "secrets"),
        now=NOW,
        production=False,
    )
    url = "https://odr.example"
    return service.Bench(ctx, FakeMedia(), authority, tmp_path / "files", url, Names())


@pytest.fixture
def table(bench: service.Bench) -> Table:
    return lay(bench)


def lay(bench: service.Bench) -> Table:
    """Put the case, its people and its sitting into the database."""
    with transaction() as session:
        people = {key: _person(*row) for key, row in _CAST.items()}
        session.add_all(people.values())
        case = _case(people["m"])
        case.clerk_id = people["c"].id
        session.add(case)
        for number, (key, side) in enumerate((("a1", "applicant"), ("r1", "respondent")), 1):
            party = _party(case, number, side, people[key])
            session.add(party)
            session.flush()
            for purpose in ("online_mediation", "recording"):
                session.add(_consent(case, party, purpose))
        hearing = Hearing(case_id=case.id, starts_at=NOW)
        session.add(hearing)
        session.flush()
        session.refresh(case)
        sitting = service.create_sitting(session, case, hearing, NOW)
        ids = {key: person.id for key, person in people.items()}
        return Table(bench, bench.media, sitting.id, case.id, ids)


_CAST = {
    "a1": ("party", "陈建国"),
    "r1": ("party", "王经理"),
    "m": ("mediator", "周敏"),
    "c": ("clerk", "林书记员"),
    "x": ("party", "路人"),
}


def _person(role: str, name: str) -> Person:
    return Person(id=uuid4(), role=role, name=name, created_at=NOW)


def _case(mediator: Person) -> Case:
    return Case(
        id=uuid4(),
        case_no="（2026）浙0304民调00001号",
        short_code="ABCD2345",
        cause="private_lending",
        claim="归还借款34万元",
        amount_fen=34_000_000,
        status="SCHEDULED",
        mediator_id=mediator.id,
        filed_at=NOW,
    )


def _party(case: Case, number: int, side: str, person: Person) -> Party:
    return Party(
        id=uuid4(),
        case_id=case.id,
        number=number,
        side=side,
        person_id=person.id,
        name=person.name,
        phone_cipher=b"",
        phone_index=f"{number}",
    )


def _consent(case: Case, party: Party, purpose: str) -> Consent:
    return Consent(
        case_id=case.id,
        party_id=party.id,
        purpose=purpose,
        text_version="1",
        text_hash="0" * 64,
        given_at=NOW,
    )
