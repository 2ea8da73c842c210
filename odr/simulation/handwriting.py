"""Strokes as a finger would draw them: points with time and pressure; it does not know whose name it is."""

import math
import random
from typing import Any

Stroke = list[dict[str, Any]]


def strokes(name: str, seed: int) -> list[Stroke]:
    """About four strokes for every character of the name, on a pad of 320 by 140 pixels."""
    chance = random.Random(f"{name}-{seed}")  # noqa: S311 -- a drawing, not a secret
    cell, drawn, moment = min(90.0, 280.0 / max(len(name), 1)), [], 0.0
    for index, character in enumerate(name):
        chance.seed(f"{character}-{seed}")
        for number in range(4):
            stroke, moment = _stroke(chance, (20 + index * cell, cell, number), moment + 120)
            drawn.append(stroke)
    return drawn


def _stroke(
    chance: random.Random, where: tuple[float, float, int], moment: float
) -> tuple[Stroke, float]:
    left, cell, number = where
    x, y = left + chance.uniform(0.05, 0.45) * cell, 30 + chance.uniform(0, 0.5) * cell
    # A character is mostly lying and standing strokes; the last two lean.
    angle = (0.05, 1.5, 2.2, 0.8)[number] + chance.uniform(-0.15, 0.15)
    length, bend = chance.uniform(0.35, 0.75) * cell, chance.uniform(-0.4, 0.4)
    points: Stroke = []
    for step in range(14):
        part = step / 13
        turn = angle + bend * part
        points.append(
            {
                "x": round(x + math.cos(turn) * length * part, 1),
                "y": round(y + math.sin(turn) * length * part, 1),
                "t": round(moment + step * 16),
                "p": round(0.25 + 0.6 * math.sin(math.pi * part), 2),
            }
        )
    return points, moment + 14 * 16
