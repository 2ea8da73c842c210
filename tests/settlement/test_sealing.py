from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from odr import jobs
from odr.archive.service import handlers
from odr.audit import AuditRow
from odr.db import db, process_app, reading, transaction
from odr.errors import NotFound, Unavailable
from odr.settings import Settings
from odr.settlement import sealing, service
from odr.settlement.authority import Authority
from odr.settlement.models import Agreement
from odr.settlement.timestamps import OutsideTsa
from tests.settlement.conftest import NOW, make_data
from tests.settlement.test_service import accepted, request, signers
from tests.settlement.test_timestamps import provider, serving

__all__ = ["provider", "serving"]  # fixtures


@dataclass
class House:
    """A house whose mediator has signed, on a real database."""

    authority: Authority
    away: Authority
    settings: Settings
    store: Any = None
    ids: dict[str, Any] = field(default_factory=dict)

    def work(self, now):
        doors = SimpleNamespace(authority=self.authority, store=self.store)
        jobs_done = handlers(self.settings, doors, now=lambda: now)
        return jobs.run_one(jobs_done, worker="test", clock=lambda: now)


@pytest.fixture
def house(tmp_path, desk, provider):
    settings = Settings(data=tmp_path, database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}")
    gone = OutsideTsa("http://127.0.0.1:9/", provider.tsa().roots)
    inside = desk.authority
    away = Authority(inside.organisation, inside.cache, inside.root, inside.standing, gone)
    people = SimpleNamespace(
        case=SimpleNamespace(id=uuid4()),
        parties=[uuid4(), uuid4()],
        persons=[SimpleNamespace(id=uuid4()) for _ in range(2)],
        mediator=SimpleNamespace(id=uuid4()),
    )
    with process_app(settings).app_context():
        db.create_all()
        with transaction() as session:
            proposal = accepted(session, people)
            made = service.prepare(
                session, inside, make_data(), proposal, signers(people), tmp_path, NOW
            )
            fields = ("party-1", "party-2", "mediator")
            for name, person in zip(fields, [*people.persons, people.mediator], strict=True):
                service.sign(session, inside, made, request(made, name, person), NOW)
            yield_ids = {"agreement": str(made.id)}
        yield House(inside, away, settings, ids=yield_ids)
        db.session.remove()
        db.engine.dispose()


def the_agreement(session):
    return session.scalars(select(Agreement)).one()


def test_a_seal_without_a_stamp_waits_in_the_queue_and_is_put_once(house):
    with transaction() as session:
        agreement = the_agreement(session)
        before = Path(agreement.path).read_bytes()
        assert not sealing.seal_or_queue(session, house.away, agreement, NOW)
    with reading() as session:
        agreement = the_agreement(session)
        assert agreement.status == service.EFFECTIVE
        assert Path(agreement.path).read_bytes() == before
        assert session.scalars(select(AuditRow)).all()[-1].action == "agreement:seal-waits"
    with pytest.raises(Unavailable):
        sealing.job(house.away, NOW, house.ids)
    while house.work(NOW + timedelta(minutes=1)):
        pass
    with reading() as session:
        agreement = the_agreement(session)
        assert agreement.status == service.SEALED
        sealed = agreement.sha256
    sealing.job(house.authority, NOW + timedelta(minutes=2), house.ids)
    with reading() as session:
        assert the_agreement(session).sha256 == sealed


def test_a_seal_that_can_be_put_is_put_at_once(house):
    with transaction() as session:
        assert sealing.seal_or_queue(session, house.authority, the_agreement(session), NOW)
    with reading() as session:
        assert the_agreement(session).status == service.SEALED
        assert session.scalar(select(jobs.Job).where(jobs.Job.kind == "seal")) is None
    with pytest.raises(NotFound):
        sealing.job(house.authority, NOW, {"agreement": str(uuid4())})
