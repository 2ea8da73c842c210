"""After the hour: waiting for the archive, finding what was made, verifying it; it knows no database.

The robots read the clerk's page until it says that the court has the bag; the command line that made
the throw-away folder then looks which files lie in it.
"""

import json
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from odr import clock
from odr.errors import NotFound, Unavailable
from odr.simulation.before import Appointment
from odr.simulation.installation import ODR, Place

ARCHIVED = ("已归档移交", "archived at the court")
OK = "ok"


@dataclass(frozen=True)
class Made:
    """Where the things of one finished case lie."""

    recording: Path
    composite: Path
    agreement: Path
    bag: Path
    receipt: Path

    def to_verify(self) -> tuple[Path, ...]:
        """What ``odr verify`` takes."""
        return (self.agreement, self.recording, self.bag)


def wait_for_archive(appointment: Appointment, *, seconds: float) -> dict[str, object]:
    """Look at the clerk's page of the case until it shows the receipt; the receipt."""
    clerk = appointment.house.clerk
    deadline = clock.monotonic() + seconds
    while True:
        page = clerk.open(f"/c/cases/{appointment.case}")
        if any(word in page.text for word in ARCHIVED) and page.quoted:
            receipt: dict[str, object] = json.loads(page.quoted[-1])
            return receipt
        if clock.monotonic() > deadline:
            start = page.text.find("移交法院")
            words = " ".join(page.text[start : start + 400].split())
            raise Unavailable("simulation.not-archived", words=words)
        time.sleep(0.25)


def find_made(where: Place, receipt: Mapping[str, object]) -> Made:
    """The newest of each kind in the folder of this installation."""
    recordings, files = where.data / "recordings", where.data / "files"
    manifest = _newest("recording", recordings.glob("*/manifest.jsonl"))
    bag = _newest("bag", (p for p in where.data.rglob("bagit.txt") if "court-store" in p.parts))
    kept = where.data / "receipt.json"
    kept.write_text(json.dumps(receipt, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    return Made(
        recording=manifest.parent,
        composite=_newest(
            "composite",
            (p for folder in (files, recordings) for p in folder.rglob("*.mp4") if _composite(p)),
        ),
        agreement=_newest("agreement", (p for p in files.rglob("*.pdf") if "agreement" in str(p))),
        bag=bag.parent,
        receipt=kept,
    )


def _composite(path: Path) -> bool:
    return "composite" in path.name


def _newest(what: str, paths: Iterable[Path]) -> Path:
    found = sorted(paths, key=lambda path: path.stat().st_mtime)
    if not found:
        raise NotFound("simulation.nothing-made", what=what)
    return found[-1]


def verify(where: Place, path: Path) -> str:
    """What ``odr verify`` says of one path: "ok", or the lines that do not fit."""
    done = subprocess.run(  # noqa: S603 -- our own command line
        (*ODR, "verify", str(path)),
        env=dict(where.env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return OK
    lines = (done.stdout or done.stderr).strip().splitlines()
    wrong = [line for line in lines if not line.startswith(("ok", "OK", "✓"))]
    return "\n".join(wrong or lines[-3:])
