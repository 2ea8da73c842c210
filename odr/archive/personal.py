"""What is personal in one case and how it goes, kind by kind; it does not know when or why.

Rows stay where the statistics and the audit need them; what they say of a person is emptied. Of the key
of the case the half in its row goes here, the other one (``Vault.destroy``) when the files go.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import chain
from odr.archive.depot import Depot
from odr.cases.models import Case, Evidence
from odr.identity import idcard
from odr.mediation.models import FactLine, Film, IdentityCheck, Note, Seat
from odr.mediation.models import Session as Sitting
from odr.settlement.models import Agreement, Proposal, Renewal, Signature

ALL = "case_personal"


@dataclass
class Taken:
    """Counts by kind of row, and the files or folders that go too."""

    counts: dict[str, int] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)


def identity_pictures(session: Session, depot: Depot, case: Case) -> Taken:
    """The pictures of faces; their hashes stay, so that the film's mark can still be compared."""
    taken = Taken()
    for sitting in _sittings(session, case):
        query = select(IdentityCheck).where(
            IdentityCheck.session_id == sitting.id, IdentityCheck.snapshot != ""
        )
        rows = list(session.scalars(query))
        taken.paths += [depot.absolute(row.snapshot) for row in rows]
        _count(taken, "identity_check", rows)
        for row in rows:
            row.snapshot = ""
    return taken


def recordings(session: Session, depot: Depot, case: Case) -> Taken:
    """The original recording folders: the court has them in the bag."""
    folders = [depot.settings.recordings_dir / one.room for one in _sittings(session, case)]
    found = [folder for folder in folders if folder.is_dir()]
    return Taken({"recording": len(found)}, found)


def room_talk(session: Session, _depot: Depot, case: Case) -> Taken:
    """Messages and notes: the lines stay as a count, without their words."""
    taken = Taken()
    for sitting in _sittings(session, case):
        rows = list(session.scalars(select(Note).where(Note.session_id == sitting.id)))
        for row in rows:
            row.text, row.by_label = "", ""
        _count(taken, "note", rows)
    return taken


def everything(session: Session, depot: Depot, case: Case) -> Taken:
    """All the rest, and the key of the case."""
    taken = Taken()
    for part in (identity_pictures, recordings, room_talk, _papers, _sat):
        one = part(session, depot, case)
        taken.paths += one.paths
        taken.counts |= one.counts
    for party in case.parties:
        party.name, party.address, party.phone_cipher = idcard.mask_name(party.name), "", b""
        party.phone_index = chain.digest(party.id.bytes)  # finds nobody any more
    _count(taken, "party", case.parties)
    case.claim = case.story = case.outcome_reason = ""
    taken.counts["case_key"] = int(case.data_key is not None)
    case.data_key = None
    session.flush()
    return taken


def _papers(session: Session, depot: Depot, case: Case) -> Taken:
    taken = Taken()
    evidence = list(session.scalars(select(Evidence).where(Evidence.case_id == case.id)))
    agreements = list(session.scalars(select(Agreement).where(Agreement.case_id == case.id)))
    ids = [row.id for row in agreements]
    renewals = list(session.scalars(select(Renewal).where(Renewal.agreement_id.in_(ids))))
    names = {row.path for row in evidence} | {row.path for row in agreements}
    names |= {row.path for row in renewals}
    taken.paths += [depot.absolute(name) for name in names if name]
    for paper in evidence:
        paper.title = paper.path = ""
    for renewal in renewals:
        renewal.path = ""
    for agreement in agreements:
        agreement.data, agreement.path = {}, ""
        for signature in agreement.signatures:
            _unsign(signature)
    proposals = list(session.scalars(select(Proposal).where(Proposal.case_id == case.id)))
    for proposal in proposals:
        _unsay(proposal)
    for name, rows in (("evidence", evidence), ("agreement", agreements), ("proposal", proposals)):
        _count(taken, name, rows)
    return taken


def _unsay(proposal: Proposal) -> None:
    """What was offered and why somebody said no goes; who said yes or no to which hash stays."""
    proposal.terms = {}
    for whole in proposal.answers:
        whole.reason = ""
    for clause in proposal.clause_answers:
        clause.reason = ""


def _unsign(row: Signature) -> None:
    """Strokes and picture go; the hash of the evidence stays, as the signed PDF bears it."""
    row.evidence, row.name = None, idcard.mask_name(row.name)


def _sat(session: Session, depot: Depot, case: Case) -> Taken:
    taken = Taken()
    for sitting in _sittings(session, case):
        for seat in session.scalars(select(Seat).where(Seat.session_id == sitting.id)):
            seat.label = idcard.mask_name(seat.label)
        for line in session.scalars(select(FactLine).where(FactLine.session_id == sitting.id)):
            line.text, line.answers = "", {}
        films = list(session.scalars(select(Film).where(Film.session_id == sitting.id)))
        taken.paths += [depot.absolute(film.path) for film in films if film.path]
        for film in films:
            film.path, film.label = "", ""
        _count(taken, "film", films)
    return taken


def _sittings(session: Session, case: Case) -> list[Sitting]:
    return list(session.scalars(select(Sitting).where(Sitting.case_id == case.id)))


def _count(taken: Taken, name: str, rows: Iterable[object]) -> None:
    taken.counts[name] = taken.counts.get(name, 0) + len(list(rows))


BY_KIND: dict[str, Callable[[Session, Depot, Case], Taken]] = {
    "identity_picture": identity_pictures,
    "local_recording": recordings,
    "room_talk": room_talk,
    ALL: everything,
}
