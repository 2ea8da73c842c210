from datetime import timedelta

import pytest

from odr.cases.schedule import Slot, check
from odr.errors import Refused
from tests.people import NOW


def at(**span: float) -> Slot:
    return Slot(NOW + timedelta(**span))


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (at(minutes=-2), "cases.time-past"),
        (at(days=-1), "cases.time-past"),
        (at(days=181), "cases.time-far"),
        (at(minutes=90), "cases.time-taken"),
        (at(hours=1), "cases.time-taken"),
    ],
)
def test_hours_that_cannot_be(wanted, key):
    with pytest.raises(Refused) as refused:
        check(wanted, taken=[at(hours=1)], now=NOW)
    assert refused.value.key == key


@pytest.mark.parametrize("wanted", [at(seconds=-30), at(), at(hours=2), at(days=180)])
def test_hours_that_can(wanted):
    check(wanted, taken=[at(hours=1)], now=NOW)
