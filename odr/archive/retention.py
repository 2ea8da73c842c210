"""Finds what has been kept long enough, deletes it and certifies that; the table of ``law.retention`` decides.

Each deletion is one transaction: files, rows and keys go, then the certificate is signed and the audit
tells. A worker killed in between leaves no certificate, and the next run deletes what is left.
"""

import base64
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from odr import audit, chain, jobs
from odr.archive import personal
from odr.archive.depot import Depot
from odr.archive.models import DeletionCertificate, LegalHold
from odr.cases.models import Case
from odr.cases.status import CaseStatus
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity.models import CodeAttempt, WebSession
from odr.law.retention import Rule, rules

KIND = "retention"
EVERY = timedelta(hours=24)
ACTOR = audit.Actor("job:retention")
KEPT = ("archive:", "audit:", "retention:")  # hashes and receipts, nobody's data
DELETED, HELD, LIFTED = "retention:deleted", "retention:held", "retention:lifted"


@dataclass(frozen=True)
class Due:
    """One deletion that the table asks for; ``case_id`` None: rows that belong to no case."""

    rule: Rule
    case_id: UUID | None
    since: datetime


@dataclass
class Gone:
    """What one deletion took: counts by name, and the files to take away afterwards."""

    counts: dict[str, int] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)


def arm(depot: Depot) -> None:
    """Let the queue look once a day from now on."""
    with transaction() as session:
        jobs.add(session, jobs.Order(KIND, KIND, {}, depot.clock(), EVERY))


def job(depot: Depot, _payload: Mapping[str, Any]) -> None:
    """Delete all that is due today."""
    with reading() as session:
        found = due(session, depot.clock())
    for one in found:
        carry_out(depot, one)


def due(session: Session, now: datetime) -> list[Due]:
    """What the table asks to be deleted at this moment, without the cases on hold."""
    found: list[Due] = []
    for rule in rules():
        before = rule.before(now)
        if rule.start == "made":
            if session.scalar(select(exists().where(_made(rule.kind) < before))):
                found.append(Due(rule, None, before))
            continue
        start = Case.archived_at if rule.start == "archived" else Case.closed_at
        safe = Case.archived_at.is_not(None) | (Case.status == CaseStatus.RETURNED.value)
        query = select(Case.id, start).where(start < before, safe, ~_held(), ~_done(rule))
        rows = session.execute(query.order_by(start))
        found += [Due(rule, case_id, since) for case_id, since in rows if since is not None]
    return found


def _made(kind: str) -> Any:  # noqa: ANN401 -- a column of one of two tables
    return CodeAttempt.made_at if kind == "code_attempt" else WebSession.seen_at


def _held() -> ColumnElement[bool]:
    return exists().where(LegalHold.case_id == Case.id, LegalHold.lifted_at.is_(None))


def _done(rule: Rule) -> ColumnElement[bool]:
    certificate = DeletionCertificate
    return exists().where(certificate.case_id == Case.id, certificate.kind == rule.kind)


def carry_out(depot: Depot, one: Due) -> UUID | None:
    """Delete and certify; the certificate's id, or None when a hold came in between."""
    with transaction() as session:
        gone = _gone(session, depot, one)
        if gone is None:
            return None
        for path in gone.paths:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if one.case_id is not None and one.rule.kind == personal.ALL:
            depot.vault.destroy(one.case_id)  # from here on no backup can be read either
        return _certify(session, depot, one, gone)


def _gone(session: Session, depot: Depot, one: Due) -> Gone | None:
    if one.case_id is None:
        column = _made(one.rule.kind)
        table = CodeAttempt if one.rule.kind == "code_attempt" else WebSession
        numbers = list(session.scalars(select(table.id).where(column < one.since)))
        session.execute(delete(table).where(column < one.since))
        return Gone({table.__tablename__: len(numbers)})
    case = session.get(Case, one.case_id, with_for_update=True)
    query = select(LegalHold.id).where(
        LegalHold.case_id == one.case_id, LegalHold.lifted_at.is_(None)
    )
    if case is None or session.scalars(query).first() is not None:
        return None
    by_kind: dict[str, Callable[[Session, Depot, Case], personal.Taken]] = personal.BY_KIND
    taken = by_kind[one.rule.kind](session, depot, case)
    why = audit.Fact(audit.ERASED, ACTOR, depot.clock(), case.id, {"reason": one.rule.source})
    if one.rule.kind == personal.ALL:
        rows = audit.of_case(session, case.id)
        told = [row for row in rows if not row.action.startswith(KEPT)]
        taken.counts["audit_body"] = audit.erase(session, told, why)
    return Gone(taken.counts, _inside(depot, taken.paths))


def _inside(depot: Depot, paths: Iterable[Path]) -> list[Path]:
    """Only what lies in the data folder is ever deleted."""
    data = depot.settings.data.resolve()
    found = [path.resolve() for path in paths]
    return [path for path in found if data in path.parents]


def _certify(session: Session, depot: Depot, one: Due, gone: Gone) -> UUID:
    now, made = depot.clock(), uuid4()
    body: dict[str, Any] = {
        "certificate": str(made),
        "organisation": depot.settings.organisation,
        "kind": one.rule.kind,
        "what": {"zh": one.rule.zh, "en": one.rule.en},
        "law": one.rule.source,
        "why": {"zh": one.rule.why_zh, "en": one.rule.why_en},
        "kept_days": one.rule.days,
        "start": one.rule.start,
        "since": one.since.isoformat(),
        "case": str(one.case_id or ""),
        "deleted": gone.counts,
        "files": len(gone.paths),
        "at": now.isoformat(),
    }
    signature = base64.b64encode(depot.authority.sign_cms(chain.canonical(body))).decode()
    row = DeletionCertificate(
        id=made, kind=one.rule.kind, case_id=one.case_id, at=now, body=body, signature=signature
    )
    session.add(row)
    told = {"certificate": str(made), "kind": one.rule.kind, "sha256": _hash(body)}
    audit.record(session, audit.Fact(DELETED, ACTOR, now, one.case_id, told))
    return made


def _hash(body: Mapping[str, Any]) -> str:
    return chain.digest(chain.canonical(body))


def hold(session: Session, case_id: UUID, reason: str, fact: audit.Fact) -> LegalHold:
    """Stop every deletion of a case; ``fact`` says who and when."""
    if session.get(Case, case_id) is None:
        raise NotFound
    if not reason.strip():
        raise Refused("archive.hold-without-reason")
    row = LegalHold(case_id=case_id, reason=reason.strip(), at=fact.at)
    session.add(row)
    session.flush()
    body = {"hold": str(row.id), "reason": row.reason}
    audit.record(session, audit.Fact(HELD, fact.actor, fact.at, case_id, body))
    return row


def lift(session: Session, case_id: UUID, fact: audit.Fact) -> int:
    """End all holds of a case; how many there were."""
    query = select(LegalHold).where(LegalHold.case_id == case_id, LegalHold.lifted_at.is_(None))
    rows = list(session.scalars(query))
    for row in rows:
        row.lifted_at = fact.at
        body = {"hold": str(row.id)}
        audit.record(session, audit.Fact(LIFTED, fact.actor, fact.at, case_id, body))
    return len(rows)
