"""Who may do what, as one table; it does not know whose case it is (that is ``cases.access``)."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is to this house."""

    PARTY = "party"
    MEDIATOR = "mediator"
    CLERK = "clerk"
    COURT = "court"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One kind of act."""

    SEE_CASE = "see-case"
    SEE_OTHER_EVIDENCE = "see-other-evidence"
    UPLOAD_EVIDENCE = "upload-evidence"
    JOIN = "join"
    RUN_SESSION = "run-session"  # admit, advance, confirm identity, adjourn, end
    NEGOTIATE = "negotiate"
    ACCEPT = "accept"
    SIGN = "sign"
    SIGN_MEDIATOR = "sign-mediator"
    PREPARE_CASE = "prepare-case"  # accept, assign, schedule, invite
    WATCH_RECORDING = "watch-recording"
    AUDIT_RECORDING = "audit-recording"
    SEE_STATISTICS = "see-statistics"
    SEE_OWN_STATISTICS = "see-own-statistics"
    MANAGE_PEOPLE = "manage-people"
    HAND_OVER = "hand-over"
    SEE_PERFORMANCE = "see-performance"


_TABLE: dict[Role, frozenset[Right]] = {
    Role.PARTY: frozenset(
        {
            Right.SEE_CASE,
            Right.SEE_OTHER_EVIDENCE,
            Right.UPLOAD_EVIDENCE,
            Right.JOIN,
            Right.NEGOTIATE,
            Right.ACCEPT,
            Right.SIGN,
            Right.SEE_PERFORMANCE,
        }
    ),
    Role.MEDIATOR: frozenset(
        {
            Right.SEE_CASE,
            Right.SEE_OTHER_EVIDENCE,
            Right.UPLOAD_EVIDENCE,
            Right.JOIN,
            Right.RUN_SESSION,
            Right.NEGOTIATE,
            Right.SIGN_MEDIATOR,
            Right.WATCH_RECORDING,
            Right.SEE_OWN_STATISTICS,
            Right.SEE_PERFORMANCE,
        }
    ),
    Role.CLERK: frozenset(
        {
            Right.SEE_CASE,
            Right.SEE_OTHER_EVIDENCE,
            Right.UPLOAD_EVIDENCE,
            Right.JOIN,
            Right.RUN_SESSION,
            Right.PREPARE_CASE,
            Right.WATCH_RECORDING,
            Right.AUDIT_RECORDING,
            Right.SEE_STATISTICS,
            Right.HAND_OVER,
            Right.SEE_PERFORMANCE,
        }
    ),
    Role.COURT: frozenset({Right.SEE_CASE, Right.SEE_STATISTICS, Right.SEE_PERFORMANCE}),
    Role.ADMIN: frozenset({Right.MANAGE_PEOPLE}),
    Role.AUDITOR: frozenset({Right.SEE_CASE, Right.AUDIT_RECORDING, Right.SEE_STATISTICS}),
}


def may(role: str, right: Right) -> bool:
    """Whether a role has a right at all; what the table does not say is forbidden."""
    return role in _TABLE and right in _TABLE[Role(role)]
