"""A JSON object is read strictly, and the refusal names the field and where it stands."""

from datetime import date

import pytest

from odr.errors import Refused
from odr.settlement.fields import LARGEST, Fields

GOOD = Fields(
    {"n": -3, "t": " a ", "d": "2027-01-31", "b": False, "l": [" x ", " "], "p": {"q": "", "m": 1}}
)


def test_what_fits_is_read():
    assert (GOOD.number("n"), GOOD.number("no", missing=7)) == (-3, 7)
    assert (GOOD.text("t"), GOOD.text("no", needed=False)) == ("a", "")
    assert (GOOD.day("d"), GOOD.maybe_day("no")) == (date(2027, 1, 31), None)
    assert GOOD.flag("b", missing=True) is False
    assert GOOD.texts("l") == ("x",)
    assert GOOD.rows("l", 2) == [" x ", " "]
    assert GOOD.part("no") is None
    assert GOOD.choice("t", ("a", "b")) == "a"


@pytest.mark.parametrize(
    ("read", "field"),
    [
        (lambda: GOOD.number("t"), "t"),
        (lambda: GOOD.number("b"), "b"),
        (lambda: GOOD.number("no"), "no"),
        (lambda: Fields({"n": LARGEST + 1}).number("n"), "n"),
        (lambda: GOOD.text("n"), "n"),
        (lambda: GOOD.text("no"), "no"),
        (lambda: GOOD.day("t"), "t"),
        (lambda: GOOD.flag("n", missing=True), "n"),
        (lambda: GOOD.texts("t"), "t"),
        (lambda: GOOD.rows("l", 1), "l"),
        (lambda: GOOD.choice("t", ("b",)), "t"),
        (lambda: GOOD.part("l"), "l"),
        (lambda: GOOD.part("p").text("q"), "p.q"),
        (lambda: GOOD.part("p").part("m"), "p.m"),
        (lambda: Fields.of([]), "terms"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(read, field):
    with pytest.raises(Refused) as refused:
        read()
    assert refused.value.values["field"] == field
