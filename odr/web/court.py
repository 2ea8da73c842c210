"""The court's statistics: page and spreadsheet; it does not know how the numbers are counted."""

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from odr import clock
from odr.cases import causes
from odr.db import reading
from odr.errors import Refused
from odr.identity.rights import Role
from odr.sentences import sentence
from odr.statistics import bars, export
from odr.statistics.counts import Question, Report, report, year_to_date
from odr.web import desk
from odr.web.auth import requires
from odr.web.house import L, language

blueprint = Blueprint("court", __name__, url_prefix="/court")

LONGEST_YEARS = 10


@blueprint.get("", strict_slashes=False)
@requires(Role.COURT, Role.CLERK, Role.AUDITOR)
def statistics() -> str:
    """All numbers of a period, each with its definition, the cut-off time above."""
    with reading() as session:
        found = _report(session)
    return desk.page(
        "court/statistics.html",
        report=found,
        say=_say,
        cut_off=f"{clock.local(found.cut_off):%Y-%m-%d %H:%M:%S}",
        tiles=_tiles(found),
        month_chart=_months(found),
        cause_chart=_lying([(desk.cause_name(row.key), row.applied) for row in found.causes]),
        outcome_chart=_lying([(desk.outcome_name(key), count) for key, count in found.outcomes]),
        causes=[(one.key, desk.cause_name(one.key)) for one in causes.all_causes()],
        cause_name=desk.cause_name,
        outcome_name=desk.outcome_name,
        query=urlencode(request.args.to_dict()),
    )


@blueprint.get("/statistics.csv")
@requires(Role.COURT, Role.CLERK, Role.AUDITOR)
def spreadsheet() -> Response:
    """The same numbers for a spreadsheet, with question, cut-off time and definitions."""
    with reading() as session:
        found = _report(session)
    table = export.rows(
        found, language(), cause_name=desk.cause_name, outcome_name=desk.outcome_name
    )
    asked = found.question
    name = f"statistics-{asked.first}-{asked.last}.csv"
    answer = Response(export.csv_bytes(table), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _report(session: Session) -> Report:
    return report(session, _question(), clock.now())


def _question() -> Question:
    usual = year_to_date(clock.today())
    first, last = _day("from", usual.first), _day("to", usual.last)
    if first > last:
        raise Refused("statistics.wrong-order", first=first, last=last)
    if last.year - first.year > LONGEST_YEARS:
        raise Refused("statistics.period-too-long", years=LONGEST_YEARS)
    return Question(first, last, cause=request.args.get("cause") or None)


def _day(name: str, usual: date) -> date:
    text = request.args.get(name, "").strip()
    if not text:
        return usual
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("statistics.wrong-date", text=text[:20]) from error


def _say(key: str) -> str:
    return sentence(f"statistics.{key}", language())


def _tiles(found: Report) -> list[tuple[str, str, str]]:
    total = found.total
    return [
        ("applied", f"{total.applied:,}", ""),
        ("mediated", f"{total.mediated:,}", ""),
        ("rate", total.mediated_share.percent, str(total.mediated_share)),
        ("settled-rate", total.settled_share.percent, str(total.settled_share)),
        ("days", total.median_days, L("天", "days") if total.days else ""),
    ]


def _months(found: Report) -> bars.Chart:
    groups = [
        bars.Group(row.key[2:], (row.applied, row.mediated, row.settled)) for row in found.months
    ]
    return bars.upright(groups, 1280, 260)


def _lying(rows: list[tuple[str, int]]) -> bars.Chart:
    return bars.lying([bars.Group(name[:9], (count,)) for name, count in rows], 1280)
