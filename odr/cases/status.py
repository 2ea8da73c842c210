"""Where a case stands and how it may end; it does not know who moves it."""

from enum import StrEnum

from odr.errors import Refused


class CaseStatus(StrEnum):
    """The road of a case."""

    FILED = "FILED"
    ACCEPTED = "ACCEPTED"
    SCHEDULED = "SCHEDULED"
    IN_SESSION = "IN_SESSION"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"
    RETURNED = "RETURNED"


class Outcome(StrEnum):
    """The eight ends of 在线调解规则 art. 25."""

    AGREEMENT = "agreement"
    WITHDRAWN = "withdrawn"
    UNREACHABLE = "unreachable"
    UNWILLING = "unwilling"
    TOO_FAR_APART = "too_far_apart"
    TIME_UP = "time_up"
    REFUSED_SIGNATURE = "refused_signature"
    OTHER = "other"


WAYS: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.FILED: frozenset({CaseStatus.ACCEPTED, CaseStatus.RETURNED, CaseStatus.CLOSED}),
    CaseStatus.ACCEPTED: frozenset({CaseStatus.SCHEDULED, CaseStatus.CLOSED, CaseStatus.RETURNED}),
    CaseStatus.SCHEDULED: frozenset({CaseStatus.IN_SESSION, CaseStatus.CLOSED}),
    CaseStatus.IN_SESSION: frozenset({CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset({CaseStatus.ARCHIVED}),
    CaseStatus.ARCHIVED: frozenset(),
    CaseStatus.RETURNED: frozenset(),
}


def go(present: str, wanted: CaseStatus) -> str:
    """The new status; Refused when no way leads there from the present one."""
    if wanted not in WAYS[CaseStatus(present)]:
        raise Refused("cases.not-now")
    return wanted.value
