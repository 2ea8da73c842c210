"""A closed case goes to the court, stage by stage; it does not know who looks at it meanwhile.

    close-out → film → bag → deposit → angles        fixity: every hour, so that all are read each day

Each stage looks first whether it was done already, and queues the next in the transaction that ends it:
a killed worker costs only time.
"""

import base64
import logging
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, chain, clock, jobs
from odr.archive import bag, checkpoints, films, gathering, ltaupdate, retention, write_once
from odr.archive.bagcheck import check_bag
from odr.archive.depot import Depot, Doors
from odr.archive.files import digest_of
from odr.archive.models import Deposit
from odr.archive.store import Parcel, Receipt
from odr.cases import service as cases
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.errors import NotFound, Tampered
from odr.settings import Settings
from odr.settlement import sealing

logger = logging.getLogger(__name__)
WAITING, BAGGED, STORED, VERIFIED = "waiting", "bagged", "stored", "verified"
ACTOR = audit.Actor("job:deposit")
FIXITY = timedelta(hours=1)
RUNS_A_DAY = 24  # with these, every bag is read again within a day
Payload = Mapping[str, Any]


def handlers(
    settings: Settings, doors: Doors, *, now: Callable[[], datetime] = clock.now
) -> dict[str, jobs.Handler]:
    """What the jobs process does, by kind of job."""
    depot = Depot(settings, doors.authority, doors.store, now)
    stages: dict[str, Callable[[Depot, Payload], None]] = {
        "close-out": close_out,
        "film": film,
        "bag": make_bag,
        "deposit": deposit,
        "angles": angles,
        "fixity": fixity,
        checkpoints.KIND: checkpoints.job,
        retention.KIND: retention.job,
        ltaupdate.KIND: ltaupdate.job,
        sealing.KIND: lambda depot, payload: sealing.job(depot.authority, depot.clock(), payload),
    }
    return {kind: _bound(depot, stage) for kind, stage in stages.items()}


def arm(settings: Settings, doors: Doors, *, now: Callable[[], datetime] = clock.now) -> None:
    """Queue what repeats by the clock; nothing happens when it is queued already."""
    depot = Depot(settings, doors.authority, doors.store, now)
    checkpoints.arm(depot)
    retention.arm(depot)
    ltaupdate.arm(depot)


def _bound(depot: Depot, stage: Callable[[Depot, Payload], None]) -> jobs.Handler:
    return lambda payload: stage(depot, payload)


def _next(session: Session, depot: Depot, kind: str, payload: Payload) -> None:
    order = jobs.Order(kind, _key(kind, payload), payload, depot.clock())
    jobs.add(session, order)


def _key(kind: str, payload: Payload) -> str:
    return f"{kind}:{payload['case']}"


def _deposit_of(session: Session, payload: Payload) -> tuple[Case, Deposit]:
    case_id = UUID(payload["case"])
    case = session.get(Case, case_id)
    row = session.scalar(select(Deposit).where(Deposit.case_id == case_id))
    if case is None or row is None:
        raise NotFound
    return case, row


def close_out(depot: Depot, payload: Payload) -> None:
    """The case is closed: from now on the clerk sees how its hand-over stands."""
    with transaction() as session:
        case_id = UUID(payload["case"])
        if session.scalar(select(Deposit).where(Deposit.case_id == case_id)) is None:
            session.add(Deposit(case_id=case_id, status=WAITING, made_at=depot.clock()))
        _next(session, depot, "film", payload)


def film(depot: Depot, payload: Payload) -> None:
    """The composite; a sitting without a recording has none."""
    shooting = films.shooting_of(depot, UUID(payload["sitting"]), _key("film", payload))
    if shooting is not None:
        films.make_composite(depot, shooting)
    with transaction() as session:
        _next(session, depot, "bag", payload)


def angles(depot: Depot, payload: Payload) -> None:
    """The films of single seats, for the player: the bag holds the originals instead."""
    shooting = films.shooting_of(depot, UUID(payload["sitting"]), _key("angles", payload))
    if shooting is not None:
        films.make_angles(depot, shooting)


def make_bag(depot: Depot, payload: Payload) -> None:
    """Write the bag, check it, and only then call it one."""
    with reading() as session:
        case, row = _deposit_of(session, payload)
        if row.status != WAITING:
            return
        folder, info = bag_folder(depot, case), _info(depot.settings, case)
        gathered = None if folder.exists() else gathering.gather(session, depot, case)
    if gathered is not None:
        with transaction() as session:
            gathering.add_audit(session, depot, UUID(payload["case"]), gathered)
        bag.write_bag(folder, bag.Contents(gathered.items, info), depot.authority, depot.clock())
    _require_whole(folder)
    with transaction() as session:
        case, row = _deposit_of(session, payload)
        row.status, row.bag = BAGGED, depot.relative(folder)
        row.bag_hash = chain.digest((folder / bag.TAG_MANIFEST).read_bytes())
        body = {"bag_hash": row.bag_hash}
        fact = audit.Fact("archive:bagged", gathering.ACTOR, depot.clock(), case.id, body)
        audit.record(session, fact)
        _next(session, depot, "deposit", payload)


def bag_folder(depot: Depot, case: Case) -> Path:
    """Where the bag of a case waits until the court has it."""
    return depot.bags_dir / f"odr-{case.filed_at:%Y}-{case.short_code}-{case.id.hex[:8]}"


def _info(settings: Settings, case: Case) -> dict[str, str]:
    return {
        "Source-Organization": settings.organisation,
        "External-Identifier": case.case_no,
        "External-Description": "在线调解案件移交包 archive of one online mediation",
        "Bag-Software-Agent": "odr",
    }


def _require_whole(folder: Path) -> None:
    _, findings = check_bag(folder)
    for finding in findings:
        if not finding.ok:
            raise Tampered("archive.bag-broken", item=finding.item, why=finding.text)


def deposit(depot: Depot, payload: Payload) -> None:
    """Put the bag into the court's store, read it back, keep the signed receipt."""
    with reading() as session:
        case, row = _deposit_of(session, payload)
        done = row.status == VERIFIED
        folder, bag_hash, case_no = depot.absolute(row.bag), row.bag_hash, case.case_no
        closed = case.closed_at or depot.clock()
    if done:
        return
    until = closed + timedelta(days=depot.settings.retention_days)
    receipt = depot.store.put_once(Parcel(folder.name, folder, until, depot.clock()))
    with transaction() as session:
        _, row = _deposit_of(session, payload)
        row.status = STORED
    read_back(depot, receipt, folder.name)
    _require_bag_hash(receipt, bag_hash)
    _settle(depot, payload, signed_receipt(depot, receipt, case_no))
    shutil.rmtree(folder, ignore_errors=True)  # the court has it; a copy here would only cost room


def _require_bag_hash(receipt: Receipt, bag_hash: str) -> None:
    if receipt.files[bag.TAG_MANIFEST].sha256 != bag_hash:
        raise Tampered("archive.read-back-differs", item=bag.TAG_MANIFEST)


def read_back(depot: Depot, receipt: Receipt, name: str) -> None:
    """Read every file from the store again; Tampered names the first that is not what it was."""
    for file, kept in sorted(receipt.files.items()):
        with depot.store.open(name, file) as content:
            if digest_of(content) != (kept.size, kept.sha256):
                raise Tampered("archive.read-back-differs", item=f"{name}/{file}")


def signed_receipt(depot: Depot, receipt: Receipt, case_no: str) -> dict[str, Any]:
    """The 移交回执: what the store answers for, under the organisation's detached CMS signature."""
    now = depot.clock()
    body: dict[str, Any] = {
        **receipt.to_json(),
        "case_no": case_no,
        "court": depot.settings.court,
        "files": len(receipt.files),
        "bag_hash": receipt.files[bag.TAG_MANIFEST].sha256,
        "verified_at": now.isoformat(),
        "write_once": write_once.standing(depot).write_once,
    }
    signature = depot.authority.sign_cms(chain.canonical(body))
    return body | {"signature": base64.b64encode(signature).decode()}


def _settle(depot: Depot, payload: Payload, receipt: dict[str, Any]) -> None:
    with transaction() as session:
        case, row = _deposit_of(session, payload)
        now = depot.clock()
        row.status, row.receipt, row.verified_at = VERIFIED, receipt, now
        body = {name: receipt[name] for name in ("location", "version", "sha256", "bag_hash")}
        audit.record(session, audit.Fact("archive:received", ACTOR, now, case.id, body))
        cases.mark_archived(session, case, now)
        checkpoints.cut(session, depot, "deposit")
        _next(session, depot, "angles", payload)
        jobs.add(session, jobs.Order("fixity", "fixity", {}, now + FIXITY, FIXITY))


def fixity(depot: Depot, _payload: Payload) -> None:
    """Read a day's share of the bags again, the longest unread first; a loss is an alarm and is audited."""
    with reading() as session:
        query = select(Deposit).where(Deposit.status == VERIFIED).order_by(Deposit.verified_at)
        rows = [(row.id, row.case_id, Path(row.bag).name) for row in session.scalars(query)]
    share = -(-len(rows) // RUNS_A_DAY)
    errors = [_checked(depot, *row) for row in rows[:share]]
    for error in filter(None, errors):
        raise error


def _checked(
    depot: Depot, deposit_id: UUID, case_id: UUID, name: str
) -> Tampered | NotFound | None:
    error = _reread(depot, name)
    with transaction() as session:
        kept = session.get(Deposit, deposit_id)
        if kept is not None:
            kept.verified_at = depot.clock()
        action = "archive:damaged" if error else "archive:fixity"
        body = {"item": str(error.values.get("item", ""))} if error else {}
        audit.record(session, audit.Fact(action, ACTOR, depot.clock(), case_id, body))
    if error is not None:
        logger.error("deposit %s does not read as it was stored", deposit_id)
    return error


def _reread(depot: Depot, name: str) -> Tampered | NotFound | None:
    receipt = depot.store.receipt(name)
    if receipt is None:
        return NotFound("archive.file-missing", item=name)
    try:
        read_back(depot, receipt, name)
    except (Tampered, NotFound) as error:
        return error
    return None
