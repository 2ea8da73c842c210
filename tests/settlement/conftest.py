import math
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from odr.cli_db import metadata
from odr.settlement.authority import Authority
from odr.settlement.document import AgreementData, PartyData, fields_of, render
from odr.settlement.fonts import FontStack, open_fonts
from odr.settlement.signing import Act, Desk, prepare, seal, sign
from odr.settlement.strokes import Strokes, strokes_from_json
from odr.settlement.terms import Terms, plan_equal
from odr.settlement.token_keys import Token

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
PIN = "123456"
ORGANISATION = "瓯海区矛盾纠纷多元化解中心"


def make_terms() -> Terms:
    return Terms(
        34_000_000,
        plan_equal(34_000_000, 7, date(2026, 12, 31)),
        "户名：王䶮；开户行：中国农业银行温州瓯海支行；账号：6230 5203 1001 8861 234",
        penalty="逾期部分按年利率12%支付违约金至实际清偿之日止",
        fee_burden="案件受理费3,200.00元由被申请人负担",
        extra=("被申请人付清全部款项后，双方就本纠纷再无其他争议。",),
    )


def make_data(terms: Terms | None = None) -> AgreementData:
    return AgreementData(
        case_no="（2026）浙0304民调00001号",
        organisation=ORGANISATION,
        court="瓯海区人民法院",
        parties=(
            PartyData("applicant", "王䶮", "女", date(1987, 4, 12), "33030219870412002X"),
            PartyData("respondent", "李建国", "男", phone="186****7788", agent="李小芳（女儿）"),
        ),
        cause="民间借贷纠纷",
        facts=("2024年3月18日，被申请人因经营“建国五金商行”资金周转需要，向申请人借款。",),
        terms=terms or make_terms(),
        mediator="陈晓岚",
        day=date(2026, 11, 25),
        verify_url="https://odr.example/verify",
        issues="违约金的计算标准。",
        responsibility="被申请人对未按期还款承担责任。",
        recording="REC-1",
        recording_head="a" * 64,
    )


def raw_strokes() -> list[list[dict[str, float]]]:
    return [
        [
            {"x": s * 40 + k, "y": 60 + 30 * math.cos(k / 3 + s), "t": s * 500 + k * 16, "p": 0.4}
            for k in range(24)
        ]
        for s in range(3)
    ]


def make_strokes() -> Strokes:
    return strokes_from_json(raw_strokes())


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fonts")


@pytest.fixture(scope="session")
def fonts(cache: Path) -> FontStack:
    return open_fonts(cache)


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """An empty SoftHSM2 token of this test run's own."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(conf))
        init = ["softhsm2-util", "--init-token", "--free", "--label", "odr", "--pin", PIN]
        subprocess.run([*init, "--so-pin", "87654321"], check=True, capture_output=True)
        module = next(Path("/usr/lib").rglob("libsofthsm2.so"))
        yield Token(str(module), "odr", PIN)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, fonts: FontStack) -> Desk:
    return Desk(Authority.load(tmp_path_factory.mktemp("secrets"), ORGANISATION), fonts)


def sign_all(desk: Desk, data: AgreementData, cache: Path) -> list[bytes]:
    """Every revision: certified, each signer, sealed."""
    return signed_on(desk, render(data, cache), data)


def signed_on(desk: Desk, paper: bytes, data: AgreementData) -> list[bytes]:
    """The same on a given paper."""
    revisions = [prepare(desk, paper, NOW)]
    for index, (field, name) in enumerate(fields_of(data)[:-1], 1):
        act = Act(field, name, f"{index:064x}", make_strokes(), NOW + timedelta(minutes=index))
        revisions.append(sign(desk, revisions[-1], act))
    return [*revisions, seal(desk, revisions[-1], NOW + timedelta(minutes=9))]


@pytest.fixture(scope="session")
def revisions(desk: Desk, cache: Path) -> list[bytes]:
    return sign_all(desk, make_data(), cache)


@pytest.fixture(scope="session")
def sealed(revisions: list[bytes]) -> bytes:
    return revisions[-1]


@pytest.fixture
def session():
    engine = create_engine("sqlite://")
    metadata().create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def people():
    return SimpleNamespace(
        case=SimpleNamespace(id=uuid4()),
        parties=[uuid4(), uuid4()],
        persons=[SimpleNamespace(id=uuid4()) for _ in range(2)],
        mediator=SimpleNamespace(id=uuid4()),
    )
