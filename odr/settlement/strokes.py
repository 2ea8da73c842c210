"""A handwritten name as it was drawn on the phone; it does not know whose it is.

A stroke is a list of points ``{"x", "y", "t", "p"}``: pixels from the upper left corner, milliseconds, pressure
0 to 1. All four are kept as evidence and only thinned for nothing: what was drawn is what is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from odr.errors import Refused

MOST_STROKES, MOST_POINTS = 200, 20_000
FEWEST_POINTS = 2
SMALLEST_PIXELS = 12.0
LARGEST_COORDINATE = 100_000.0


@dataclass(frozen=True, slots=True)
class Point:
    """Pixels, milliseconds, pressure."""

    x: float
    y: float
    t: float
    p: float


Strokes = tuple[tuple[Point, ...], ...]


def strokes_from_json(raw: object) -> Strokes:
    """Read the phone's strokes; Refused when malformed, empty or too small to be a name."""
    if not isinstance(raw, list) or len(raw) > MOST_STROKES:
        raise Refused("settlement.strokes-malformed")
    strokes = tuple(_stroke(row) for row in raw)
    points = [point for stroke in strokes for point in stroke]
    if len(points) > MOST_POINTS:
        raise Refused("settlement.strokes-malformed")
    if len(points) < FEWEST_POINTS or max(extent(strokes)) < SMALLEST_PIXELS:
        raise Refused("settlement.empty-signature")
    return strokes


def strokes_to_json(strokes: Strokes) -> list[list[dict[str, float]]]:
    """The strokes as JSON values, in the order drawn."""
    return [
        [{"x": point.x, "y": point.y, "t": point.t, "p": point.p} for point in stroke]
        for stroke in strokes
    ]


def extent(strokes: Strokes) -> tuple[float, float]:
    """Width and height of what was drawn, in pixels."""
    xs = [point.x for stroke in strokes for point in stroke]
    ys = [point.y for stroke in strokes for point in stroke]
    return max(xs) - min(xs), max(ys) - min(ys)


def _stroke(row: object) -> tuple[Point, ...]:
    if not isinstance(row, list):
        raise Refused("settlement.strokes-malformed")
    return tuple(_point(item) for item in row)


def _point(item: object) -> Point:
    if not isinstance(item, Mapping):
        raise Refused("settlement.strokes-malformed")
    return Point(
        _number(item, "x", LARGEST_COORDINATE),
        _number(item, "y", LARGEST_COORDINATE),
        _number(item, "t", 1e15),
        _number(item, "p", 1.0, default=0.5),
    )


def _number(item: Mapping[str, Any], name: str, most: float, default: float | None = None) -> float:
    value = item.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise Refused("settlement.strokes-malformed")
    return round(float(value), 3)
