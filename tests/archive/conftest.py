"""One closed case with a sealed recording and a sealed agreement, on a real database."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import audit, chain, jobs
from odr.archive import service
from odr.archive.folder import FolderStore
from odr.archive.store import CourtStore
from odr.cases.models import Case, Evidence, Party
from odr.db import db, process_app, transaction
from odr.identity.vault import Vault
from odr.mediation.models import Seat
from odr.mediation.models import Session as Sitting
from odr.recordings.manifest import OpenRecording, Piece
from odr.settings import Secret, Settings
from odr.settlement.authority import Authority
from odr.settlement.document import AgreementData, PartyData, fields_of, render
from odr.settlement.fonts import open_fonts
from odr.settlement.models import Agreement, Proposal
from odr.settlement.signing import Act, Desk, prepare, seal, sign
from odr.settlement.strokes import strokes_from_json
from odr.settlement.terms import Terms, plan_equal, to_json
from tests.archive.s3_server import s3_bucket, s3_server, s3_store
from tests.recordings import films

__all__ = ["s3_bucket", "s3_server", "s3_store"]  # fixtures that this folder shares
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ORGANISATION = "瓯海区矛盾纠纷多元化解中心"
CASE_NO = "（2026）浙0304民调00001号"
SECONDS = 3
TERMS = Terms(34_000_000, plan_equal(34_000_000, 7, NOW.date()), "农业银行 6230 5203 1001 8861 234")
STROKES = [[{"x": 10 * n, "y": 50 + 9 * (n % 4), "t": 16 * n, "p": 0.5} for n in range(12)]]


@dataclass(frozen=True)
class Doors:
    authority: Authority
    store: CourtStore


@dataclass
class Archive:
    """The closed case, and the jobs process beside it."""

    settings: Settings
    doors: Doors
    payload: dict[str, str]
    now: datetime = field(default=NOW + timedelta(hours=2))

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def handlers(self) -> dict[str, jobs.Handler]:
        return service.handlers(self.settings, self.doors, now=self.tick)

    def work(self, *, most: int = 20) -> list[str]:
        """Do what is due; the kinds of job in the order in which they were done."""
        done: list[str] = []
        handlers = {
            kind: lambda payload, kind=kind, do=do: (done.append(kind), do(payload))
            for kind, do in self.handlers().items()
        }
        while len(done) < most and jobs.run_one(handlers, worker="test", clock=self.tick):
            pass
        return done

    @property
    def kept(self) -> Path:
        """The bag in the court's store."""
        (name,) = self.doors.store.names()
        return self.settings.store_path / name


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.load(tmp_path_factory.mktemp("data") / "secrets", ORGANISATION)


@pytest.fixture(scope="session")
def agreement(authority: Authority) -> bytes:
    data = AgreementData(
        case_no=CASE_NO,
        organisation=ORGANISATION,
        court="瓯海区人民法院",
        parties=(PartyData("applicant", "陈建国"), PartyData("respondent", "王䶮")),
        cause="民间借贷纠纷",
        facts=("被申请人向申请人借款三十四万元。",),
        terms=TERMS,
        mediator="周敏",
        day=NOW.date(),
        verify_url="https://odr.example/verify",
    )
    desk = Desk(authority, open_fonts(authority.cache))
    paper = prepare(desk, render(data, authority.cache), NOW)
    for index, (name, who) in enumerate(fields_of(data)[:-1], 1):
        moment = NOW + timedelta(minutes=index)
        paper = sign(
            desk, paper, Act(name, who, f"{index:064x}", strokes_from_json(STROKES), moment)
        )
    return seal(desk, paper, NOW + timedelta(minutes=9))


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A sealed recording of two seats and its head."""
    folder = tmp_path_factory.mktemp("recordings") / "room-1"
    opened = OpenRecording.create(folder, Ed25519PrivateKey.generate(), {"session": "room-1"})
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "a1.jpg").write_bytes(b"\xff\xd8a face\xff\xd9")
    for seat, hertz in (("a1", 500.0), ("m", 900.0)):
        path = films.webm(folder / f"{seat}.1.webm", SECONDS, hertz=hertz)
        data = path.read_bytes()
        opened.segment(
            Piece(path.name, 0, len(data), chain.digest(data), 0, SECONDS * 1000, True, True)
        )
    face = {"file": "snapshots/a1.jpg", "sha256": chain.digest(b"\xff\xd8a face\xff\xd9")}
    opened.mark("snapshot", face, 1000)
    return folder, opened.seal(SECONDS * 1000).head


@contextmanager
def installation(data: Path) -> Iterator[Settings]:
    settings = Settings(
        data=data,
        database_url=f"sqlite:///{data / 'odr.sqlite3'}",
        environment="test",
        store_path=data / "court-store",
        vault_key=Secret("ab" * 32),
        pepper=Secret("cd" * 32),
    )
    with process_app(settings).app_context():
        db.create_all()
        yield settings
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def archive(
    tmp_path: Path, authority: Authority, agreement: bytes, recording: tuple[Path, str]
) -> Iterator[Archive]:
    with installation(tmp_path) as settings:
        yield close_case(settings, authority, agreement, recording)


def close_case(
    settings: Settings, authority: Authority, agreement: bytes, recording: tuple[Path, str]
) -> Archive:
    folder, head = recording
    shutil.copytree(folder, settings.recordings_dir / "room-1")
    with transaction() as session:
        case, sitting = _case(), _sitting(head)
        sitting.case_id = case.id
        session.add_all([case, sitting])
        session.flush()
        for number, (key, role, label) in enumerate(
            (("a1", "applicant", "陈建国"), ("m", "mediator", "周敏"), ("c", "clerk", "林书记员")),
            1,
        ):
            session.add(Seat(session_id=sitting.id, number=number, key=key, role=role, label=label))
        session.add_all([_party(case), _evidence(settings, case)])
        for row in _agreement(settings, case.id, agreement):
            session.add(row)
            session.flush()
        ids = {"case": str(case.id), "sitting": str(sitting.id)}
        for action, body in (("case:filed", {}), ("session:closed", {"head": head})):
            audit.record(session, audit.Fact(action, audit.SYSTEM, NOW, case.id, body))
        audit.record(session, audit.Fact("other:thing", audit.SYSTEM, NOW))
        jobs.add(session, jobs.Order("close-out", f"close-out:{case.id}", ids, NOW))
    return Archive(settings, Doors(authority, FolderStore(settings.store_path)), ids)


def _case() -> Case:
    return Case(
        id=uuid4(),
        case_no=CASE_NO,
        short_code="ABCD2345",
        cause="private_lending",
        claim="归还借款34万元",
        amount_fen=34_000_000,
        status="CLOSED",
        outcome="AGREEMENT",
        filed_at=NOW,
        closed_at=NOW + timedelta(hours=1),
    )


def _sitting(head: str) -> Sitting:
    return Sitting(
        id=uuid4(),
        room="room-1",
        status="closed",
        script="script-2026-01",
        step="signing",
        opened_at=NOW,
        closed_at=NOW + timedelta(hours=1),
        head=head,
    )


def _party(case: Case) -> Party:
    return Party(
        case_id=case.id,
        number=1,
        side="applicant",
        name="陈建国",
        phone_cipher=b"",
        phone_index="1",
    )


def _evidence(settings: Settings, case: Case) -> Evidence:
    path = settings.files_dir / "evidence" / "note.png"
    path.parent.mkdir(parents=True)
    vault, number = Vault.of(settings), uuid4()
    case.data_key = vault.new_case_key(case.id)
    own = vault.of_case(case.data_key, case.id)
    path.write_bytes(own.seal_bytes(b"a receipt", context=f"evidence:{number}"))
    sha256 = chain.digest(b"a receipt")
    return Evidence(
        id=number,
        case_id=case.id,
        title="借条",
        media_type="image/png",
        path=str(path),
        size=9,
        sha256=sha256,
        at=NOW,
    )


def _agreement(settings: Settings, case_id: UUID, data: bytes) -> list[Any]:
    path = settings.files_dir / "agreement.pdf"
    path.write_bytes(data)
    proposal = Proposal(
        id=uuid4(),
        case_id=case_id,
        number=1,
        terms=to_json(TERMS),
        text_hash="0" * 64,
        by_person=uuid4(),
        at=NOW,
    )
    agreement = Agreement(
        case_id=case_id,
        proposal_id=proposal.id,
        number="1",
        status="sealed",
        content_hash="0" * 64,
        data={},
        path=str(path),
        sha256=chain.digest(data),
        prepared_at=NOW,
        sealed_at=NOW,
    )
    return [proposal, agreement]


@pytest.fixture(scope="session")
def bag(
    tmp_path_factory: pytest.TempPathFactory,
    authority: Authority,
    agreement: bytes,
    recording: tuple[Path, str],
) -> Path:
    """A whole bag as the court keeps it; copy it before changing it."""
    target = tmp_path_factory.mktemp("bags") / "bag"
    with installation(tmp_path_factory.mktemp("installation")) as settings:
        made = close_case(settings, authority, agreement, recording)
        made.work()
        shutil.copytree(made.kept, target, copy_function=shutil.copyfile)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return target


@pytest.fixture
def copy(bag: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bag, tmp_path / "bag"))
