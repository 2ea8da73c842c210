from odr.settlement.strokes import strokes_from_json
from odr.simulation.handwriting import strokes


def test_the_strokes_are_a_name_that_the_house_accepts():
    drawn = strokes("陈国强", 1)
    assert len(strokes_from_json(drawn)) == 12


def test_time_runs_forward_and_the_pen_presses():
    points = [point for stroke in strokes("周敏", 1) for point in stroke]
    times = [point["t"] for point in points]
    assert times == sorted(times)
    assert all(0 < point["p"] <= 1 for point in points)


def test_the_same_hand_writes_the_same_name():
    assert strokes("林福根", 1) == strokes("林福根", 1)
    assert strokes("林福根", 1) != strokes("林福根", 2)
