import pytest

from odr.cases.status import CaseStatus
from odr.web.todo import Standing, Todo, stage_of, todo_of


def at(status, **rest):
    return Standing(status=status, **rest)


@pytest.mark.parametrize(
    ("standing", "todo"),
    [
        (at(CaseStatus.FILED), Todo.WAIT_ACCEPTANCE),
        (at(CaseStatus.ACCEPTED), Todo.CONSENT),
        (at(CaseStatus.ACCEPTED, consented=True), Todo.WAIT_APPOINTMENT),
        (at(CaseStatus.SCHEDULED, sitting="s", minutes_left=10), Todo.CONSENT),
        (
            at(CaseStatus.SCHEDULED, sitting="s", minutes_left=900, consented=True),
            Todo.CHECK_DEVICE,
        ),
        (
            at(CaseStatus.SCHEDULED, sitting="s", minutes_left=900, consented=True, checked=True),
            Todo.GO_WAIT,
        ),
        (at(CaseStatus.SCHEDULED, sitting="s", minutes_left=5, consented=True), Todo.GO_WAIT),
        (at(CaseStatus.IN_SESSION, sitting="s", minutes_left=-9, consented=True), Todo.ENTER),
        (at(CaseStatus.CLOSED, agreed=True), Todo.PERFORM),
        (at(CaseStatus.ARCHIVED, agreed=True), Todo.PERFORM),
        (at(CaseStatus.CLOSED), Todo.NOTHING),
        (at(CaseStatus.RETURNED), Todo.NOTHING),
    ],
)
def test_one_thing_is_to_be_done(standing, todo):
    assert todo_of(standing) is todo


def test_a_case_comes_further_step_by_step():
    ways = [
        CaseStatus.FILED,
        CaseStatus.ACCEPTED,
        CaseStatus.SCHEDULED,
        CaseStatus.IN_SESSION,
        CaseStatus.CLOSED,
    ]
    assert [stage_of(status) for status in ways] == [0, 1, 2, 3, 4]
    assert stage_of(CaseStatus.ARCHIVED) == 4
    assert stage_of(CaseStatus.RETURNED) == 0
