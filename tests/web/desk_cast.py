"""One installation with one case and everybody who may (or may not) look at it."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from odr import clock
from odr.bootstrap import bootstrap
from odr.cases.models import Case, Hearing, Party
from odr.cases.status import CaseStatus
from odr.db import Base, engine, transaction
from odr.identity import service
from odr.identity.codes import PHONE
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.mediation.models import Film, IdentityCheck, Note, Seat, StepRecord
from odr.mediation.models import Session as Sitting
from odr.mediation.script import STEPS
from odr.settings import Settings
from odr.web.app import create_app

ID = "11010519491231002X"  # the example of GB 11643
ROLES = {
    "applicant": Role.PARTY,
    "respondent": Role.PARTY,
    "charlie": Role.PARTY,
    "mediator": Role.MEDIATOR,
    "stranger": Role.MEDIATOR,
    "clerk": Role.CLERK,
    "court": Role.COURT,
    "admin": Role.ADMIN,
}


@dataclass
class Cast:
    """The application, ids by name, and a logged-in client for each person."""

    app: Flask
    settings: Settings
    case: UUID
    people: dict[str, UUID]
    tokens: dict[str, tuple[str, str]]
    parties: dict[str, UUID] = field(default_factory=dict)
    _clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, name: str) -> FlaskClient:
        if name not in self._clients:
            client = self.app.test_client()
            if name != "nobody":
                client.set_cookie("odr", self.tokens[name][0])
            self._clients[name] = client
        return self._clients[name]

    def get(self, name: str, path: str, **kwargs: Any) -> TestResponse:
        return self.client(name).get(path, **kwargs)

    def post(self, name: str, path: str, /, **form: str) -> TestResponse:
        return self.client(name).post(path, data={"csrf_token": self.tokens[name][1], **form})

    def ctx(self) -> Ctx:
        gateways = self.app.extensions["odr"].gateways
        return Ctx(
            vault=gateways.vault,
            sms=gateways.sms,
            cards=gateways.cards,
            keys=gateways.keys,
            now=clock.now(),
            production=False,
        )


@pytest.fixture
def cast(tmp_path: Path) -> Cast:
    settings = Settings.from_env({"ODR_DATA": str(tmp_path / "data"), "ODR_ENVIRONMENT": "test"})
    app = create_app(settings, bootstrap(settings))
    with app.app_context():
        Base.metadata.create_all(engine())
        made = Cast(app, settings, uuid4(), {}, {})
        _people(made)
        _case(made)
    return made


def _people(cast: Cast) -> None:
    with transaction() as session:
        for name, role in ROLES.items():
            person = Person(role=role, name=f"{name}-姓名", created_at=clock.now(), specialties=[])
            if role is Role.PARTY:
                person.level = "I1"
                person.id_number_cipher = cast.ctx().vault.seal(ID, context=service.ID_NUMBER)
            else:
                person.login_name = name
            session.add(person)
            session.flush()
            opened = service.open_session(session, cast.ctx(), person)
            cast.people[name] = person.id
            cast.tokens[name] = (opened.token, opened.csrf)


def _case(cast: Cast) -> None:
    now = clock.now()
    with transaction() as session:
        case = Case(
            id=cast.case,
            case_no="（2026）浙0304民调00001号",
            short_code="A1B2C3D4",
            cause="private_lending",
            claim="归还借款 340,000 元",
            amount_fen=34000000,
            status=CaseStatus.FILED,
            filed_at=now,
        )
        session.add(case)
        for number, side in enumerate(("applicant", "respondent"), start=1):
            phone = f"1380000000{number}"
            party = Party(
                number=number,
                side=side,
                person_id=cast.people[side],
                name=f"{side}-姓名",
                phone_cipher=cast.ctx().vault.seal(phone, context=PHONE),
                phone_index=cast.ctx().vault.index(phone),
            )
            case.parties.append(party)
            session.flush()
            cast.parties[side] = party.id


def assigned(cast: Cast) -> None:
    """The case is accepted and has its mediator and an hour."""
    with cast.app.app_context(), transaction() as session:
        case = session.get_one(Case, cast.case)
        case.status, case.mediator_id = CaseStatus.SCHEDULED, cast.people["mediator"]
        case.accepted_at = clock.now()
        case.hearings.append(Hearing(starts_at=clock.now() + timedelta(hours=1)))


def sitting(cast: Cast, *, closed: bool) -> UUID:
    """A sitting of the case; a closed one has walked every step and left a film."""
    assigned(cast)
    with cast.app.app_context(), transaction() as session:
        made = Sitting(
            case_id=cast.case,
            room=f"room-{uuid4().hex[:16]}",
            status="closed" if closed else "waiting",
            script="2026-01",
            step=STEPS[-1] if closed else STEPS[0],
            opened_at=clock.now() if closed else None,
            recorded_ms=60_000 if closed else 0,
        )
        seats = (("a1", "applicant"), ("r1", "respondent"), ("m", "mediator"), ("c", "clerk"))
        for number, (key, role) in enumerate(seats, start=1):
            made.seats.append(
                Seat(
                    number=number,
                    key=key,
                    role=role,
                    party_id=cast.parties.get(role),
                    person_id=cast.people[role],
                    label=f"{role}-姓名",
                )
            )
        session.add(made)
        session.flush()
        if closed:
            _walked(cast, session, made)
        return made.id


def _walked(cast: Cast, session: Any, made: Sitting) -> None:
    now = clock.now()
    for index, step in enumerate(STEPS):
        session.add(
            StepRecord(session_id=made.id, step=step, begun_at=now, begun_ms=index * 10_000)
        )
    for seat in ("a1", "r1"):
        session.add(
            IdentityCheck(
                session_id=made.id,
                seat_key=seat,
                verdict="same",
                by_person=cast.people["mediator"],
                at=now,
                t_ms=3_000,
            )
        )
    session.add(
        Note(
            session_id=made.id, kind="note", by_label="周敏", text="运费有异议", at=now, t_ms=21_000
        )
    )


def film(cast: Cast, sitting_id: UUID, content: bytes, *, name: str = "composite.mp4") -> UUID:
    """A film on disk and its row."""
    path = cast.settings.files_dir / "films" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return film_row(cast, sitting_id, path, len(content))


def film_row(cast: Cast, sitting_id: UUID, path: Path, size: int) -> UUID:
    with cast.app.app_context(), transaction() as session:
        row = Film(
            session_id=sitting_id,
            kind="composite",
            label="",
            path=str(path),
            sha256="ab" * 32,
            size=size,
            duration_ms=60_000,
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id
