from itertools import pairwise

import pytest

from odr.cases.status import CaseStatus, Outcome, go
from odr.errors import Refused

ROAD = ["FILED", "ACCEPTED", "SCHEDULED", "IN_SESSION", "CLOSED", "ARCHIVED"]


def test_the_road_of_a_case_goes_forward_only():
    for present, following in pairwise(ROAD):
        assert go(present, CaseStatus(following)) == following
        with pytest.raises(Refused):
            go(following, CaseStatus(present))


@pytest.mark.parametrize("ended", ["ARCHIVED", "RETURNED"])
def test_nothing_follows_the_end(ended):
    for status in CaseStatus:
        with pytest.raises(Refused):
            go(ended, status)


def test_no_step_is_skipped():
    for wanted in ("SCHEDULED", "IN_SESSION", "ARCHIVED"):
        with pytest.raises(Refused):
            go("FILED", CaseStatus(wanted))


def test_there_are_eight_ends():
    assert len(Outcome) == 8
