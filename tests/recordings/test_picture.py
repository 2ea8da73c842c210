from pathlib import Path

import numpy as np
import pytest

from odr.recordings.picture import (
    BAND,
    DIM,
    Canvas,
    Pen,
    Size,
    fitted,
    running_time,
    side_by_side,
)
from odr.settlement.fonts import font_file

CELL = Size(426, 320)


@pytest.fixture(scope="module")
def pen(tmp_path_factory: pytest.TempPathFactory) -> Pen:
    return Pen(font_file("song", tmp_path_factory.mktemp("fonts")))


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 2, 2), (5, 3, 2), (6, 3, 2)]
)
def test_seats_stand_side_by_side(count: int, columns: int, rows: int) -> None:
    layout = side_by_side(count, CELL)
    assert layout.size == Size(columns * 426, rows * (320 + BAND) + BAND)
    assert layout.size.height % 4 == 0
    places = {(cell.x, cell.y) for cell in layout.cells}
    assert len(places) == count
    assert all(x % 2 == y % 2 == 0 for x, y in places)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1280, 720), (90, 1600), (2, 2), (3, 5)])
def test_a_picture_keeps_its_shape(size: tuple[int, int]) -> None:
    small = fitted(Size(*size), CELL)
    assert 0 < small.width <= 426
    assert 0 < small.height <= 320
    assert small.width % 2 == small.height % 2 == 0
    if min(size) > 10:
        assert small.width / small.height == pytest.approx(size[0] / size[1], rel=0.15)


def test_a_portrait_picture_stands_in_the_middle() -> None:
    canvas, (cell,) = Canvas(side_by_side(1, CELL).size), side_by_side(1, CELL).cells
    size = fitted(Size(480, 640), CELL)
    canvas.paste(cell, np.full((480, 240), 200, np.uint8), size)
    row = canvas.data[160]
    assert set(row[:92]) == {DIM}
    assert set(row[94:332]) == {200}


def test_running_time() -> None:
    assert running_time(0) == "00:00:00"
    assert running_time(3_723_999) == "01:02:03"


def test_names_are_drawn_and_cut(pen: Pen) -> None:
    name = pen.draw("被申请人 李建国", 426)
    assert name.shape == (BAND, 426)
    assert name.max() == 255
    assert pen.draw("很长的名字" * 20, 100).shape == (BAND, 100)
    assert not pen.draw("", 100).any()


def test_text_at_the_edge_is_cut(pen: Pen) -> None:
    canvas = Canvas(Size(100, 64))
    canvas.write(80, 40, pen.draw("王", 100))
    assert canvas.data.shape == (96, 100)


def test_a_font_is_a_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"resource|file"):
        Pen(tmp_path / "nothing.ttf")
