import pytest

from odr.statistics.bars import Group, lying, nice_step, upright


@pytest.mark.parametrize(
    ("largest", "step"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (150, 50), (1402, 500)]
)
def test_the_grid_has_at_most_five_steps(largest: int, step: int):
    assert nice_step(largest) == step


def test_bars_stand_on_zero_and_keep_their_proportions():
    chart = upright([Group("01", (100, 50)), Group("02", (0, 25))], 400, 200)
    tall, half, nothing, quarter = chart.bars
    assert tall.height == pytest.approx(2 * half.height)
    assert half.height == pytest.approx(2 * quarter.height)
    assert nothing.height == 0
    assert len({round(bar.y + bar.height, 1) for bar in chart.bars}) == 1
    assert chart.ticks[0].text == "0"


def test_bars_stay_inside_the_picture():
    chart = upright([Group(str(month), (month, month, month)) for month in range(60)], 600, 200)
    assert all(bar.x >= 0 and bar.x + bar.width <= 600 for bar in chart.bars)
    assert all(bar.y >= 0 and bar.y + bar.height <= 200 for bar in chart.bars)


def test_an_empty_chart_is_drawn_without_bars():
    assert upright([], 400, 200).bars == []
    assert lying([], 400).bars == []


def test_lying_bars_are_as_long_as_their_values():
    long, short = lying([Group("民间借贷", (402,)), Group("其他", (201,))], 1000).bars
    assert long.width == pytest.approx(2 * short.width, abs=0.02)
    assert long.x == short.x
