"""The one thing a party should do now, told from the state of her case; pure, it knows no page."""

from dataclasses import dataclass
from enum import StrEnum

from odr.cases.status import CaseStatus


class Todo(StrEnum):
    """What comes next for one party in one case."""

    WAIT_ACCEPTANCE = "wait-acceptance"
    WAIT_APPOINTMENT = "wait-appointment"
    CONSENT = "consent"
    CHECK_DEVICE = "check-device"
    GO_WAIT = "go-wait"
    ENTER = "enter"
    PERFORM = "perform"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Standing:
    """All that decides it. ``minutes_left`` until the hour, None when none is appointed."""

    status: str
    sitting: str | None = None
    minutes_left: int | None = None
    consented: bool = False
    checked: bool = False
    agreed: bool = False


WAIT_FROM_MINUTES = 30
ORDER = (
    CaseStatus.FILED,
    CaseStatus.ACCEPTED,
    CaseStatus.SCHEDULED,
    CaseStatus.IN_SESSION,
    CaseStatus.CLOSED,
)


def todo_of(standing: Standing) -> Todo:
    """The next thing, the most pressing first."""
    if standing.status == CaseStatus.FILED:
        return Todo.WAIT_ACCEPTANCE
    if standing.status in {CaseStatus.CLOSED, CaseStatus.ARCHIVED, CaseStatus.RETURNED}:
        return Todo.PERFORM if standing.agreed else Todo.NOTHING
    if standing.sitting is None:
        return Todo.WAIT_APPOINTMENT if standing.consented else Todo.CONSENT
    return _before_the_hour(standing)


def _before_the_hour(standing: Standing) -> Todo:
    if not standing.consented:
        return Todo.CONSENT
    if standing.status == CaseStatus.IN_SESSION:
        return Todo.ENTER
    soon = standing.minutes_left is not None and standing.minutes_left <= WAIT_FROM_MINUTES
    if not soon and not standing.checked:
        return Todo.CHECK_DEVICE
    return Todo.GO_WAIT


def stage_of(status: str) -> int:
    """How far a case has come: 0 filed … 4 closed; a returned one stays at 0."""
    if status == CaseStatus.ARCHIVED:
        return len(ORDER) - 1
    return ORDER.index(CaseStatus(status)) if status in ORDER else 0
