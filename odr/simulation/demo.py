"""One whole demonstration: an installation, the golden case, the verdicts; it does not know the terminal."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from odr.errors import OdrError
from odr.sentences import sentence
from odr.simulation import after, before, hour
from odr.simulation.after import Made
from odr.simulation.before import Appointment
from odr.simulation.installation import Place, run_command
from odr.simulation.people import Login
from odr.simulation.room import Room
from odr.simulation.story import Story

ARCHIVE_SECONDS = 90


@dataclass(frozen=True)
class Report:
    """What came of it; ``seconds`` by stage, ``verdicts`` by path."""

    case_no: str
    made: Made
    seconds: dict[str, float]
    verdicts: dict[str, str]
    film_seconds: float

    @property
    def fine(self) -> bool:
        """Whether every verification passed."""
        return bool(self.verdicts) and all(word == after.OK for word in self.verdicts.values())

    def to_json(self) -> dict[str, Any]:
        """The promised keys of ``odr demo --json``."""
        paths = {name: str(path) for name, path in asdict(self.made).items()}
        return {
            "case_no": self.case_no,
            **paths,
            "seconds": self.seconds,
            "verify": self.verdicts,
        }


def people(where: Place) -> dict[str, Login]:
    """The staff and forty sample lawyers."""
    logins = before.hire_all(where)
    run_command(where, "people", "sample")
    return logins


def run(where: Place, logins: dict[str, Login], story: Story, *, pace: float) -> Report:
    """Live the golden case from two strangers to a verified archive."""
    with story.stage("log-in"):
        house = before.open_house(where, logins)
    appointment = before.prepare(where, house, story)
    film_seconds = sit(appointment, story, pace=pace)
    with story.stage("archive"):
        receipt = after.wait_for_archive(appointment, seconds=ARCHIVE_SECONDS)
        made = after.find_made(where, receipt)
    with story.stage("verify"), ThreadPoolExecutor() as pool:
        words = pool.map(partial(after.verify, where), made.to_verify())
        verdicts = dict(zip(map(str, made.to_verify()), words, strict=True))
    return Report(appointment.case_no, made, dict(story.seconds), verdicts, film_seconds)


def sit(appointment: Appointment, story: Story, *, pace: float) -> float:
    """The hour in the room; the seconds of film it left."""
    table = hour.table(appointment)
    try:
        hour.live(table, story, pace=pace)
        for room in table.parties:
            _tell_senses(room, story)
        return round(float(table.mediator.state["recording"]["t_ms"]) / 1000, 1)
    finally:
        table.leave()


def _tell_senses(room: Room, story: Story) -> None:
    found = hour.heard(room)
    what = ", ".join(
        f"{seat} {sense['pictures']} frames {sense['pitch']} Hz" for seat, sense in found.items()
    )
    story.tell("seen", who=room.seating.look.name, what=what)


def write_json(path: Path, report: Report | OdrError) -> None:
    """The report as a file; after a failure the same keys, empty, and what went wrong."""
    body: dict[str, Any]
    if isinstance(report, OdrError):
        empty = dict.fromkeys(("case_no", "recording", "composite", "agreement", "bag", "receipt"))
        body = {**empty, "seconds": {}, "verify": {"demo": str(report)}}
    else:
        body = report.to_json()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")


def tell(report: Report, story: Story) -> None:
    """Where everything lies and what was found."""
    for name, path in asdict(report.made).items():
        what = " ".join(sentence(f"simulation.name-{name}", language) for language in ("zh", "en"))
        word = report.verdicts.get(str(path), "")
        verdict = f"odr verify: {word}" if word else ""
        story.tell("verdict", what=what, verdict=verdict, path=path)
    total = round(sum(report.seconds.values()), 1)
    story.tell("total", seconds=total, film=report.film_seconds)
