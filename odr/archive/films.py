"""The films of a sitting: made from its tracks, kept as rows; it does not know bags or stores."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, jobs
from odr.archive.depot import Depot
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.mediation.models import Film
from odr.mediation.models import Session as Sitting
from odr.recordings import manifest
from odr.recordings.composite import Made, Reel, angle, compose
from odr.recordings.final import finalise
from odr.recordings.reader import Track
from odr.settlement.fonts import SONG, font_file

logger = logging.getLogger(__name__)
COMPOSITE, ANGLE = "composite", "angle"
ACTOR = audit.Actor("job:film")
RENEW_SECONDS = 30.0
LOWEST = 19  # nice: live media comes first


@dataclass(frozen=True)
class Shooting:
    """What is to be made of one sitting, and which job is at it."""

    sitting_id: UUID
    case_id: UUID
    job_key: str
    reel: Reel
    folder: Path


def make_composite(depot: Depot, shooting: Shooting) -> None:
    """All seats in one film, unless it is there already."""
    target = shooting.folder / "composite.mp4"
    _make(depot, shooting, "", lambda: compose(shooting.reel, target, progress=_tell))


def make_angles(depot: Depot, shooting: Shooting) -> None:
    """One film a seat, those already made left alone; and the tracks as players can move about in."""
    _make_finals(shooting)
    for seat in shooting.reel.labels:
        target = shooting.folder / f"angle-{seat}.mp4"
        work = partial(angle, shooting.reel, seat, target, progress=_tell)
        _make(depot, shooting, seat, work)


def _make_finals(shooting: Shooting) -> None:
    for track in shooting.reel.tracks:
        target = shooting.folder / f"track-{track.path.name}"
        try:
            if not target.exists():
                finalise(track.path, target)
        except Refused:  # a connection that broke before its first cluster was whole
            logger.warning("no final copy of %s", track.path.name)


def shooting_of(depot: Depot, sitting_id: UUID, job_key: str) -> Shooting | None:
    """What there is to film in a sitting; None when nothing was recorded."""
    with reading() as session:
        sitting = session.get(Sitting, sitting_id)
        case = session.get(Case, sitting.case_id) if sitting else None
        if sitting is None or case is None:
            raise NotFound
        folder = depot.settings.recordings_dir / sitting.room
        labels = {seat.key: seat.label for seat in sitting.seats}
        room, case_id, case_no = sitting.room, case.id, case.case_no
    if not (folder / "manifest.jsonl").is_file():
        return None
    tracks, duration_ms = tracks_of(folder)
    seen = {key: label for key, label in labels.items() if any(t.seat == key for t in tracks)}
    if not seen or duration_ms <= 0:
        return None
    font = font_file(SONG, depot.authority.cache)
    reel = Reel(tracks, seen, duration_ms, font, case_no)
    return Shooting(sitting_id, case_id, job_key, reel, depot.settings.files_dir / "films" / room)


def tracks_of(folder: Path) -> tuple[list[Track], int]:
    """The files of a recording and its length in ms, as its manifest tells."""
    summary = manifest.summary(folder)
    tracks = [
        Track(folder / one.file, one.seat, one.t0_ms, one.t1_ms)
        for one in summary.files
        if one.seat and (folder / one.file).is_file()
    ]
    return tracks, summary.duration_ms


def film_of(session: Session, sitting_id: UUID, seat: str = "") -> Film | None:
    """The composite of a sitting, or the angle of one seat."""
    return session.scalar(
        select(Film).where(Film.session_id == sitting_id, Film.seat_key == seat).limit(1)
    )


def _make(depot: Depot, shooting: Shooting, seat: str, work: Callable[[], Made]) -> None:
    with reading() as session:
        if film_of(session, shooting.sitting_id, seat) is not None:
            return
    made = _patiently(depot, shooting.job_key, work)
    with transaction() as session:
        if film_of(session, shooting.sitting_id, seat) is None:
            _keep(session, depot, shooting, seat, made)


def _keep(session: Session, depot: Depot, shooting: Shooting, seat: str, made: Made) -> None:
    now = depot.clock()
    session.add(
        Film(
            session_id=shooting.sitting_id,
            kind=ANGLE if seat else COMPOSITE,
            seat_key=seat,
            label=shooting.reel.labels.get(seat, ""),
            path=depot.relative(made.path),
            sha256=made.sha256,
            size=made.size,
            duration_ms=made.duration_ms,
            made_at=now,
        )
    )
    body = {"sitting": str(shooting.sitting_id), "seat": seat, "sha256": made.sha256}
    audit.record(session, audit.Fact("film:made", ACTOR, now, shooting.case_id, body))


def _patiently(depot: Depot, job_key: str, work: Callable[[], Made]) -> Made:
    """Do long work in a thread of the lowest priority and keep the job's lease meanwhile."""
    with ThreadPoolExecutor(1, initializer=_step_back) as thread:
        future = thread.submit(work)
        while True:
            try:
                return future.result(timeout=RENEW_SECONDS)
            except StillRunning:
                _renew(depot, job_key)


def _step_back() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, LOWEST)  # on Linux this is the thread, and x264's inherit it


def _renew(depot: Depot, job_key: str) -> None:
    with reading() as session:
        job = session.scalar(select(jobs.Job).where(jobs.Job.key == job_key))
        held = (job.id, job.worker) if job and job.worker else None
    if held:
        jobs.renew(held[0], worker=held[1], now=depot.clock())


def _tell(done: float) -> None:
    logger.debug("film %d %%", int(done * 100))
