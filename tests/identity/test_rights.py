import pytest

from odr.identity.rights import Right, Role, may

TRUTH = {
    Right.SEE_CASE: "party mediator clerk court auditor",
    Right.SEE_OTHER_EVIDENCE: "party mediator clerk",
    Right.UPLOAD_EVIDENCE: "party mediator clerk",
    Right.JOIN: "party mediator clerk",
    Right.RUN_SESSION: "mediator clerk",
    Right.NEGOTIATE: "party mediator",
    Right.ACCEPT: "party",
    Right.SIGN: "party",
    Right.SIGN_MEDIATOR: "mediator",
    Right.PREPARE_CASE: "clerk",
    Right.WATCH_RECORDING: "mediator clerk",
    Right.AUDIT_RECORDING: "clerk auditor",
    Right.SEE_STATISTICS: "clerk court auditor",
    Right.SEE_OWN_STATISTICS: "mediator",
    Right.MANAGE_PEOPLE: "admin",
    Right.HAND_OVER: "clerk",
    Right.SEE_PERFORMANCE: "party mediator clerk court",
}


@pytest.mark.parametrize("right", Right)
def test_the_table_says_exactly_what_is_written_here(right):
    assert {role.value for role in Role if may(role, right)} == set(TRUTH[right].split())


def test_an_unknown_role_may_nothing():
    assert not any(may("visitor", right) for right in Right)
