"""Where the bars of a chart stand, in SVG units; it does not know what is counted.

Axes start at 0: a cut axis exaggerates. The table beneath each chart is its accessible form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 26
NICE_STEPS = (1, 2, 5)
MOST_TICKS = 5


@dataclass(frozen=True)
class Bar:
    """One rectangle with what it stands for; ``series`` counts from 0."""

    x: float
    y: float
    width: float
    height: float
    value: int
    series: int


@dataclass(frozen=True)
class Tick:
    """One grid line or label: its place on the axis and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart: ``ticks`` on the value axis, ``labels`` on the other."""

    width: int
    height: int
    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    labels: Sequence[Tick]


@dataclass(frozen=True)
class Group:
    """One place on the axis: its label and one value per series."""

    label: str
    values: Sequence[int]


def nice_step(largest: int) -> int:
    """The step 1, 2 or 5 × 10^k that draws at most five grid lines up to ``largest``."""
    power = 1
    while True:
        for step in NICE_STEPS:
            if step * power * MOST_TICKS >= largest:
                return step * power
        power *= 10


def upright(groups: Sequence[Group], width: int, height: int) -> Chart:
    """Bars side by side, one group per month."""
    top, step = _scale(groups)
    inner, tall = width - LEFT - RIGHT, height - TOP - BOTTOM
    place = inner / max(len(groups), 1)
    bars: list[Bar] = []
    for index, group in enumerate(groups):
        thick = min(28.0, place * 0.76 / max(len(group.values), 1))
        start = LEFT + place * (index + 0.5) - thick * len(group.values) / 2
        for series, value in enumerate(group.values):
            long = round(tall * value / top, 2)
            x = round(start + thick * series, 2)
            bars.append(
                Bar(x, round(TOP + tall - long, 2), round(thick - 2, 2), long, value, series)
            )
    ticks = [
        Tick(round(TOP + tall - tall * value / top, 2), f"{value:,}")
        for value in range(0, top + 1, step)
    ]
    labels = [
        Tick(round(LEFT + place * (index + 0.5), 2), group.label)
        for index, group in enumerate(groups)
    ]
    return Chart(width, height, bars, ticks, labels)


def lying(groups: Sequence[Group], width: int, *, label_width: int = 120) -> Chart:
    """Bars that lie beneath each other, 34 units each; for names that need room."""
    row, margin = 34, 56
    top, step = _scale(groups)
    inner = width - label_width - margin
    height = row * max(len(groups), 1) + BOTTOM
    bars = [
        Bar(
            label_width,
            row * index + 6,
            round(inner * group.values[0] / top, 2),
            row - 12,
            group.values[0],
            0,
        )
        for index, group in enumerate(groups)
    ]
    ticks = [
        Tick(round(label_width + inner * value / top, 2), f"{value:,}")
        for value in range(0, top + 1, step)
    ]
    labels = [Tick(row * index + row / 2, group.label) for index, group in enumerate(groups)]
    return Chart(width, height, bars, ticks, labels)


def _scale(groups: Sequence[Group]) -> tuple[int, int]:
    largest = max((value for group in groups for value in group.values), default=0)
    step = nice_step(max(largest, 1))
    return -(-max(largest, 1) // step) * step, step
