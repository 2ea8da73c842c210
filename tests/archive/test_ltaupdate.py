import base64
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from odr import audit, chain, jobs
from odr.archive import ltaupdate, personal
from odr.archive.bagcheck import check_bag
from odr.archive.depot import Depot
from odr.archive.verify import _bagged_at as bagged_at
from odr.archive.verify import verify_path
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.errors import NotFound, Tampered
from odr.settlement.models import Agreement, Renewal
from odr.settlement.verification import verify_pdf
from tests.archive.conftest import NOW, Archive

LATE = datetime(2040, 9, 1, tzinfo=UTC)
AFTER = datetime(2045, 5, 5, tzinfo=UTC)


def depot_at(archive: Archive, now: datetime) -> Depot:
    return Depot(archive.settings, archive.doors.authority, archive.doors.store, lambda: now)


def rows() -> list[Renewal]:
    with reading() as session:
        found = list(session.scalars(select(Renewal).order_by(Renewal.number)))
        session.expunge_all()
        return found


def the_agreement() -> Agreement:
    with reading() as session:
        found = session.scalars(select(Agreement)).one()
        session.expunge_all()
        return found


def test_nothing_is_renewed_before_its_time(archive: Archive) -> None:
    before = the_agreement().sha256
    ltaupdate.job(depot_at(archive, NOW), {})
    ltaupdate.job(depot_at(archive, datetime(2040, 6, 1, tzinfo=UTC)), {})
    (row,) = rows()
    assert (row.number, row.sha256, row.receipt) == (0, before, None)
    assert row.until == datetime(2041, 1, 1, tzinfo=UTC)
    assert archive.doors.store.names() == []


def require_signed(archive: Archive, receipt: dict[str, Any], folder: Path) -> None:
    """The receipt holds for openssl."""
    body = dict(receipt)
    (folder / "cms").write_bytes(base64.b64decode(body.pop("signature")))
    (folder / "signed").write_bytes(chain.canonical(body))
    (folder / "root.pem").write_bytes(archive.doors.authority.root_pem())
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    command += ["-in", "cms", "-content", "signed", "-CAfile", "root.pem"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_a_paper_gets_a_fresh_stamp_a_receipt_and_a_row_in_the_log(
    archive: Archive, tmp_path: Path
) -> None:
    before = the_agreement()
    original = Path(before.path).read_bytes()
    ltaupdate.job(depot_at(archive, LATE), {})
    first, second = rows()
    after = the_agreement()
    assert (second.number, second.sha256, second.path) == (1, after.sha256, after.path)
    assert Path(first.path).read_bytes() == original
    renewed = Path(after.path).read_bytes()
    assert renewed.startswith(original)
    roots = [archive.doors.authority.root_pem()]
    assert [one for one in verify_pdf(renewed, roots, None, AFTER) if not one.ok] == []
    assert [one.item for one in verify_pdf(original, roots, None, AFTER) if not one.ok] == [
        "timestamp"
    ]
    (name,) = archive.doors.store.names()
    with archive.doors.store.open(name, "agreement.pdf") as kept:
        assert kept.read() == renewed
    with reading() as session:
        row = audit.of_case(session, UUID(archive.payload["case"]))[-1]
        assert (row.action, row.actor) == ("agreement:renewed", "job:ltaupdate")
        assert (row.body["before"], row.body["sha256"]) == (first.sha256, second.sha256)
    ltaupdate.job(depot_at(archive, LATE + timedelta(days=1)), {})
    assert len(rows()) == 2
    assert second.receipt is not None
    assert second.receipt["renews"] == first.sha256
    require_signed(archive, second.receipt, tmp_path)
    with transaction() as session:  # every copy goes when the papers of the case go
        case = session.get_one(Case, UUID(archive.payload["case"]))
        taken = personal._papers(session, depot_at(archive, LATE), case)
    assert {row.path for row in rows()} == {""}
    assert len([path for path in taken.paths if path.suffix == ".pdf"]) == 2


def test_the_bag_made_before_still_verifies(archive: Archive) -> None:
    archive.work()
    kept = archive.kept
    ltaupdate.job(depot_at(archive, LATE), {})
    assert [one for one in verify_path(kept) if not one.ok] == []
    opened, _ = check_bag(kept)
    assert abs(bagged_at(opened) - archive.now) < timedelta(hours=1)


def test_a_paper_that_was_changed_is_not_renewed_and_said_so(archive: Archive) -> None:
    ltaupdate.job(depot_at(archive, NOW), {})
    path = Path(the_agreement().path)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Tampered):
        ltaupdate.job(depot_at(archive, LATE), {})
    assert len(rows()) == 1
    path.unlink()
    with pytest.raises(NotFound):
        ltaupdate.job(depot_at(archive, LATE), {})
    assert archive.doors.store.names() == []


def test_the_queue_looks_once_a_day(archive: Archive) -> None:
    ltaupdate.arm(depot_at(archive, NOW))
    ltaupdate.arm(depot_at(archive, NOW))
    with reading() as session:
        (job,) = session.scalars(select(jobs.Job).where(jobs.Job.kind == ltaupdate.KIND))
        assert job.every_seconds == 24 * 3600
