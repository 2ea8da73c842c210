"""What goes into the bag of a closed case, from the rows; it does not know the store or the signature."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, chain
from odr.archive import contents, files, inclusion
from odr.archive.bag import Item
from odr.archive.depot import Depot
from odr.cases.evidence import evidence_reader
from odr.cases.models import Case, Evidence
from odr.errors import Tampered
from odr.mediation import forms, papers
from odr.mediation.models import Film
from odr.mediation.models import Session as Sitting
from odr.mediation.room import Names
from odr.recordings import manifest
from odr.settlement import service as settlement
from odr.settlement.forms import render_form
from odr.settlement.minutes import render_minutes

ACTOR = audit.Actor("job:bag")


@dataclass
class Gathered:
    """Payload so far: items, the hashes that go into the audit, and what ``case.json`` says."""

    items: list[Item] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def entitle(self, name: str, title: str) -> None:
        """How the catalogue calls a file."""
        self.titles[name] = title

    def add(self, name: str, source: Path | bytes | Callable[[], bytes], expected: str = "") -> str:
        """Take a file along; Tampered when it does not have the hash that was recorded."""
        item = Item(name, source)
        with item.open() as file:
            _, sha256 = files.digest_of(file)
        if expected and sha256 != expected:
            raise Tampered("archive.source-changed", item=name)
        self.items.append(item)
        self.hashes[name] = sha256
        return sha256


def gather(session: Session, depot: Depot, case: Case) -> Gathered:
    """The documents, films and evidence of one case; ``add_audit`` completes it."""
    gathered = Gathered()
    gathered.told = {
        "version": 1,
        "id": str(case.id),
        "case_no": case.case_no,
        "cause": case.cause,
        "outcome": case.outcome,
        "filed_at": case.filed_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
    }
    query = select(Sitting).where(Sitting.case_id == case.id, Sitting.closed_at.is_not(None))
    for sitting in session.scalars(query.order_by(Sitting.closed_at)):
        _sitting(session, depot, (case, sitting), gathered)
    _agreement(session, depot, case, gathered)
    _evidence(session, depot, case, gathered)
    _catalogue(session, depot, case, gathered)
    return gathered


def _catalogue(session: Session, depot: Depot, case: Case, gathered: Gathered) -> None:
    """The first sheet of the file: everything with a title, in the order in which it was gathered."""
    query = select(Sitting).where(Sitting.case_id == case.id).order_by(Sitting.closed_at.desc())
    sitting = session.scalars(query.limit(1)).first()
    if sitting is None:
        return
    settings = depot.settings
    names = Names(settings.organisation, settings.court)
    record = papers.Record(session, sitting, case, names, settings.public_url)
    rows = [(title, name, gathered.hashes[name]) for name, title in gathered.titles.items()]
    paper = render_form(forms.catalogue(record, rows), depot.authority.cache)
    gathered.add(f"{contents.PAPERS}/catalogue.pdf", paper)


def _sitting(session: Session, depot: Depot, of: tuple[Case, Sitting], gathered: Gathered) -> None:
    case, sitting = of
    settings = depot.settings
    names = Names(settings.organisation, settings.court)
    record = papers.Record(session, sitting, case, names, settings.public_url)
    minutes = render_minutes(papers.minutes_data(record), depot.authority.cache)
    gathered.add(f"{contents.MINUTES}/{sitting.room}.pdf", minutes)
    gathered.entitle(f"{contents.MINUTES}/{sitting.room}.pdf", "调解笔录")
    for form in forms.forms_of(record):
        name = f"{contents.PAPERS}/{sitting.room}-{form.name}.pdf"
        gathered.add(name, render_form(form, depot.authority.cache))
        gathered.entitle(name, form.title)
    told: dict[str, Any] = {"room": sitting.room, "films": {}}
    folder = settings.recordings_dir / sitting.room
    if (folder / "manifest.jsonl").is_file():
        _recording(folder, sitting.room, gathered)
        told["head"] = manifest.summary(folder).head
    elif sitting.head:
        raise Tampered("archive.recording-missing", item=sitting.room)
    for film in session.scalars(select(Film).where(Film.session_id == sitting.id)):
        name = f"{contents.FILMS}/{sitting.room}-{film.seat_key or film.kind}.mp4"
        gathered.add(name, depot.absolute(film.path), film.sha256)
        gathered.entitle(name, "录音录像（合成）" if film.kind == "composite" else "录音录像")
        told["films"][name] = {"label": film.label, "duration_ms": film.duration_ms}
    gathered.told.setdefault("sittings", []).append(told)


def _recording(folder: Path, room: str, gathered: Gathered) -> None:
    """The folder as it was sealed; its own manifest vouches for its files and is checked here."""
    for finding in manifest.verify(folder):
        if not finding.ok:
            raise Tampered("archive.recording-broken", item=f"{room}/{finding.item}")
    for name, path in files.files_under(folder):
        if name == "manifest.jsonl":
            gathered.add(f"{contents.RECORDINGS}{room}/{name}", path)
            gathered.entitle(f"{contents.RECORDINGS}{room}/{name}", "录制清单（分轨录像的校验）")
        else:
            gathered.items.append(Item(f"{contents.RECORDINGS}{room}/{name}", path))


def _agreement(session: Session, depot: Depot, case: Case, gathered: Gathered) -> None:
    agreement = settlement.open_agreement(session, case.id)
    if agreement is None or agreement.sealed_at is None:
        return
    gathered.add(contents.AGREEMENT, depot.absolute(agreement.path), agreement.sha256)
    gathered.entitle(contents.AGREEMENT, "调解协议书")
    gathered.told["agreement"] = {"number": agreement.number, "sha256": agreement.sha256}


def _evidence(session: Session, depot: Depot, case: Case, gathered: Gathered) -> None:
    told = {}
    query = select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.at)
    for number, row in enumerate(session.scalars(query), 1):
        path = depot.absolute(row.path)
        name = f"{contents.EVIDENCE}/{number:02d}{path.suffix}"
        try:
            gathered.add(name, evidence_reader(depot.vault, case, row, path), row.sha256)
        except Tampered as error:
            raise Tampered("archive.source-changed", item=name) from error
        gathered.entitle(name, row.title)
        told[name] = {"title": row.title, "party": str(row.party_id or ""), "id": str(row.id)}
    gathered.told["evidence"] = told


def add_audit(session: Session, depot: Depot, case_id: UUID, gathered: Gathered) -> None:
    """Record the hashes of what was gathered, then take the rows along; a short transaction."""
    body: Mapping[str, Any] = {"files": dict(sorted(gathered.hashes.items()))}
    audit.record(session, audit.Fact(contents.GATHERED, ACTOR, depot.clock(), case_id, body))
    rows = audit.of_case(session, case_id)
    lines = b"".join(chain.canonical(audit.exported(row)) + b"\n" for row in rows)
    gathered.items.append(Item(contents.AUDIT, lines))
    gathered.items += [Item(*one) for one in inclusion.files_for(session, depot, rows).items()]
    gathered.told["audit"] = {"rows": len(rows), "head": rows[-1].h}
    content = json.dumps(gathered.told, ensure_ascii=False, indent=1, sort_keys=True).encode()
    gathered.items.append(Item(contents.CASE, content))
