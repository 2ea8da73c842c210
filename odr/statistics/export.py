"""A report as rows for a spreadsheet; it does not know how the file reaches the reader."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from odr.clock import local
from odr.sentences import sentence
from odr.statistics.counts import Report, Tally

# A cell that starts with one of these (the last four are full-width) is a formula to a spreadsheet.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Row = Sequence[str | int]
Namer = Callable[[str], str]

COLUMNS = ("applied", "accepted", "closed", "mediated", "rate", "settled", "settled-rate", "days")


def safe(cell: str | int) -> str | int:
    """The cell, with an apostrophe before a text that a spreadsheet would calculate."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(DANGEROUS):
        return "'" + cell
    return cell


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte order mark, because Excel shows Chinese wrongly without it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def rows(report: Report, language: str, *, cause_name: Namer, outcome_name: Namer) -> list[Row]:
    """The whole report: question, cut-off, definitions, then one table per breakdown."""

    def say(key: str, **values: object) -> str:
        return sentence(f"statistics.{key}", language, **values)

    asked = report.question
    head: list[Row] = [
        [say("title")],
        [say("period"), asked.first.isoformat(), asked.last.isoformat()],
        [say("cause"), cause_name(asked.cause) if asked.cause else say("all")],
        [say("cut-off"), f"{local(report.cut_off):%Y-%m-%d %H:%M:%S}"],
        [],
        [say("definitions")],
        *([say(name), say(f"{name}-definition")] for name in COLUMNS),
    ]
    titles = [say(name) for name in COLUMNS]
    body: list[Row] = [[], [say("total"), *titles], [say("all"), *_cells(report.total)]]
    for kind, tallies, namer in (
        ("by-month", report.months, str),
        ("by-cause", report.causes, cause_name),
    ):
        body += [[], [say(kind), *titles]]
        body += [[namer(row.key), *_cells(row)] for row in tallies]
    body += [[], [say("by-mediator"), *titles]]
    body += [[row.label or say("unassigned"), *_cells(row)] for row in report.mediators]
    body += [[], [say("by-outcome"), say("cases")]]
    body += [[outcome_name(key), count] for key, count in report.outcomes]
    return head + body


def _cells(row: Tally) -> list[str | int]:
    return [
        row.applied,
        row.accepted,
        row.closed,
        row.mediated,
        str(row.mediated_share),
        row.settled,
        str(row.settled_share),
        row.median_days,
    ]
