import pytest

from odr.errors import Refused
from odr.settlement.strokes import strokes_from_json, strokes_to_json
from tests.settlement.conftest import raw_strokes

POINT = {"x": 1, "y": 1, "t": 0, "p": 0.5}


def test_what_was_drawn_is_what_is_kept():
    strokes = strokes_from_json(raw_strokes())
    assert strokes_from_json(strokes_to_json(strokes)) == strokes
    assert len(strokes) == 3


@pytest.mark.parametrize(
    "raw", [[], [[]], [[POINT]], [[POINT, POINT]], [[POINT], [dict(POINT, x=9)]]]
)
def test_an_empty_box_is_no_signature(raw):
    with pytest.raises(Refused) as refused:
        strokes_from_json(raw)
    assert refused.value.key == "settlement.empty-signature"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "strokes",
        {"x": 1},
        [POINT],
        [[1]],
        [[{"x": "1", "y": 1}]],
        [[{"x": float("nan"), "y": 1, "t": 0}]],
        [[{"x": 1e9, "y": 1, "t": 0}]],
        [[{"x": True, "y": 1, "t": 0}]],
        [[dict(POINT, p=7)]],
        [[POINT] * 20_001],
        [[POINT]] * 201,
    ],
)
def test_malformed_strokes_are_refused(raw):
    with pytest.raises(Refused) as refused:
        strokes_from_json(raw)
    assert refused.value.key == "settlement.strokes-malformed"
