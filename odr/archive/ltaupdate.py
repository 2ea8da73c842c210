"""Once a day: papers whose time stamp ends within half a year get a fresh one; it does not know how a PDF is stamped.

The paper as it was sealed stays where it is, here and in the court's store. The renewed copy lies beside it,
is put into the store under a name and a signed receipt of its own, and is what people get from then on.
"""

import base64
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from odr import audit, chain, jobs
from odr.archive.depot import Depot
from odr.archive.files import digest_of
from odr.archive.models import Deposit
from odr.archive.store import Parcel, Receipt
from odr.db import reading, transaction
from odr.errors import NotFound, OdrError, Tampered
from odr.settings import private_file
from odr.settlement import renewal
from odr.settlement.models import Agreement, Renewal

logger = logging.getLogger(__name__)
KIND = "ltaupdate"
EVERY = timedelta(hours=24)
ACTOR = audit.Actor("job:ltaupdate")
FILE = "agreement.pdf"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Due:
    """One paper that needs a fresh stamp: the newest copy of it and until when that proves anything."""

    agreement_id: UUID
    case_id: UUID
    case_no: str
    number: int
    path: str
    sha256: str
    until: datetime


def arm(depot: Depot) -> None:
    """Let the queue look once a day from now on."""
    with transaction() as session:
        jobs.add(session, jobs.Order(KIND, KIND, {}, depot.clock(), EVERY))


def job(depot: Depot, _payload: Mapping[str, Any]) -> None:
    """Renew all that is due; one paper that cannot be renewed does not keep the others waiting."""
    enter(depot)
    with reading() as session:
        found = due(session, depot.clock())
    errors = [error for one in found if (error := _tried(depot, one))]
    if errors:
        raise errors[0]


def enter(depot: Depot) -> int:
    """Take note of the sealed papers that are new since the last look; how many."""
    with reading() as session:
        known = select(Renewal.agreement_id)
        query = select(Agreement.id).where(
            Agreement.sealed_at.is_not(None), Agreement.path != "", Agreement.id.not_in(known)
        )
        waiting = list(session.scalars(query))
    for agreement_id in waiting:
        with transaction() as session:
            agreement = session.get_one(Agreement, agreement_id, with_for_update=True)
            content = _read(depot, agreement.path, agreement.sha256)
            row = Renewal(
                agreement_id=agreement.id,
                number=0,
                path=agreement.path,
                sha256=agreement.sha256,
                until=renewal.lasts_until(content),
                at=depot.clock(),
            )
            session.add(row)
    return len(waiting)


def due(session: Session, now: datetime) -> list[Due]:
    """The newest copies whose stamp ends within half a year, the most urgent first."""
    newest = (
        select(Renewal.agreement_id, func.max(Renewal.number).label("number"))
        .group_by(Renewal.agreement_id)
        .subquery()
    )
    same = (Renewal.agreement_id == newest.c.agreement_id) & (Renewal.number == newest.c.number)
    query = (
        select(Renewal, Agreement.case_id, Agreement.number)
        .join(newest, same)
        .join(Agreement, Agreement.id == Renewal.agreement_id)
        .where(Renewal.until < now + renewal.EARLY, Renewal.path != "")
        .order_by(Renewal.until)
    )
    return [
        Due(row.agreement_id, case_id, case_no, row.number, row.path, row.sha256, row.until)
        for row, case_id, case_no in session.execute(query)
    ]


def _tried(depot: Depot, one: Due) -> OdrError | None:
    try:
        carry_out(depot, one)
    except OdrError as error:
        logger.exception("agreement %s is not renewed: %s", one.agreement_id, error.key)
        return error
    return None


def carry_out(depot: Depot, one: Due) -> str:
    """Stamp, keep, deposit, then tell; the SHA-256 of the renewed copy.

    A worker killed in between leaves a copy that no row names; the next run makes another.
    """
    now = depot.clock()
    content = renewal.renew(depot.authority, _read(depot, one.path, one.sha256), now)
    sha256, until = chain.digest(content), renewal.lasts_until(content)
    path = depot.absolute(one.path).with_name(f"agreement-{one.agreement_id}-{sha256[:16]}.pdf")
    private_file(path, content)
    receipt = _deposited(depot, one, content)
    row = Renewal(
        agreement_id=one.agreement_id,
        number=one.number + 1,
        path=str(path),
        sha256=sha256,
        until=until,
        receipt=receipt,
        at=now,
    )
    with transaction() as session:
        agreement = session.get_one(Agreement, one.agreement_id, with_for_update=True)
        session.add(row)
        agreement.path, agreement.sha256 = str(path), sha256
        body = {
            "agreement": str(one.agreement_id),
            "number": row.number,
            "before": one.sha256,
            "sha256": sha256,
            "until": until.isoformat(),
            "location": receipt["location"],
        }
        audit.record(session, audit.Fact("agreement:renewed", ACTOR, now, one.case_id, body))
    return sha256


def _read(depot: Depot, path: str, sha256: str) -> bytes:
    try:
        content = depot.absolute(path).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("archive.file-missing", item=Path(path).name) from error
    if chain.digest(content) != sha256:
        raise Tampered("settlement.file-tampered", item=Path(path).name)
    return content


def _deposited(depot: Depot, one: Due, content: bytes) -> dict[str, Any]:
    """The court's copy under the organisation's signed receipt, read back before it counts."""
    name = f"renewal-{one.agreement_id}-{one.number + 1}-{chain.digest(content)[:16]}"
    now = depot.clock()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_bytes(content)
        until = max(_locked_until(one.case_id), now + EVERY)
        receipt = depot.store.put_once(Parcel(name, Path(folder), until, now))
    with depot.store.open(name, FILE) as kept:
        if digest_of(kept) != (len(content), chain.digest(content)):
            raise Tampered("archive.read-back-differs", item=f"{name}/{FILE}")
    return _signed(depot, receipt, one)


def _locked_until(case_id: UUID) -> datetime:
    """As long as the court's first copy of the case and no longer."""
    with reading() as session:
        row = session.scalar(select(Deposit).where(Deposit.case_id == case_id))
        receipt = row.receipt if row else None
    return datetime.fromisoformat(receipt["retain_until"]) if receipt else NEVER


def _signed(depot: Depot, receipt: Receipt, one: Due) -> dict[str, Any]:
    body: dict[str, Any] = {
        **receipt.to_json(),
        "case_no": one.case_no,
        "court": depot.settings.court,
        "renews": one.sha256,
        "verified_at": depot.clock().isoformat(),
    }
    signature = depot.authority.sign_cms(chain.canonical(body))
    return body | {"signature": base64.b64encode(signature).decode()}
