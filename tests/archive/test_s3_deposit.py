"""A closed case on its way into a real S3 server: through an outage, with a signed receipt, found when harmed."""

import base64
import urllib.request
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import select

from odr import audit, chain, jobs
from odr.archive import proof, service
from odr.archive.models import Deposit
from odr.archive.s3 import S3Store
from odr.archive.s3_client import Bucket
from odr.db import reading
from odr.errors import NotFound
from tests.archive.conftest import Archive, Doors
from tests.archive.s3_server import Server

pytestmark = pytest.mark.s3


@pytest.fixture
def bagged(archive: Archive, s3_bucket: Bucket) -> Archive:
    """The bag is made, the store is S3, the deposit is due."""
    made = replace(archive, doors=Doors(archive.doors.authority, S3Store(s3_bucket)))
    for kind in ("close-out", "film", "bag"):
        assert run_next(made, kind)
    return made


def run_next(archive: Archive, kind: str) -> bool:
    handlers = {kind: archive.handlers()[kind]}
    return jobs.run_one(handlers, worker="test", clock=archive.tick)


def row(archive: Archive) -> Deposit:
    with reading() as session:
        case_id = UUID(archive.payload["case"])
        found = session.scalars(select(Deposit).where(Deposit.case_id == case_id)).one()
        session.expunge(found)
        return found


def actions(archive: Archive) -> list[str]:
    with reading() as session:
        return [one.action for one in audit.of_case(session, UUID(archive.payload["case"]))]


def bags(archive: Archive) -> list[str]:
    return [name for name in archive.doors.store.names() if name.startswith("odr-")]


def test_a_store_away_for_a_day_costs_only_time(bagged: Archive, s3_server: Server) -> None:
    s3_server.kill()
    try:
        assert run_next(bagged, "deposit")
        bagged.now += timedelta(hours=12)
        assert run_next(bagged, "deposit")
        assert row(bagged).status == service.BAGGED
        assert (bagged.settings.data / row(bagged).bag).is_dir()
    finally:
        s3_server.start()
    bagged.now += timedelta(hours=12)
    assert run_next(bagged, "deposit")
    assert row(bagged).status == service.VERIFIED
    assert len(bags(bagged)) == 1
    bagged.handlers()["deposit"](bagged.payload)
    assert actions(bagged).count("archive:received") == 1
    assert len(bags(bagged)) == 1


def test_the_receipt_is_signed_and_says_write_once(bagged: Archive) -> None:
    assert run_next(bagged, "deposit")
    receipt = dict(row(bagged).receipt)
    assert receipt["location"].startswith("s3:http://127.0.0.1")
    assert receipt["write_once"] is True
    signature = base64.b64decode(receipt.pop("signature"))
    root = proof.Root.from_pem(bagged.doors.authority.root_pem())
    assert proof.check_signature(chain.canonical(receipt), signature, root)


def test_fixity_finds_a_version_that_vanished(
    bagged: Archive, s3_server: Server, s3_bucket: Bucket
) -> None:
    assert run_next(bagged, "deposit")
    bagged.handlers()["fixity"]({})
    assert actions(bagged)[-1] == "archive:fixity"
    (name,) = bags(bagged)
    path = quote(f"{s3_bucket.prefix}bags/{name}/data/evidence/01.png.versions")
    url = f"{s3_server.filer}/buckets/court/{path}?recursive=true"
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10).close()
    with pytest.raises(NotFound, match="data/evidence/01"):
        bagged.handlers()["fixity"]({})
    assert actions(bagged)[-1] == "archive:damaged"
