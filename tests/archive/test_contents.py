import json

import pytest

from odr.archive import contents

ROW = {
    "seq": 1,
    "case": "",
    "at": "2026-11-25T03:00:00.000000+00:00",
    "actor": "system",
    "action": "case:filed",
    "body_hash": "0" * 64,
    "body": None,
    "salt": "s",
    "prev": "0" * 64,
    "h": "1" * 64,
}


def test_a_row_is_read_back_as_it_was_written() -> None:
    assert contents.row_from_line(json.dumps(ROW).encode()) == ROW


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 5000,
        json.dumps(ROW | {"seq": "1"}).encode(),
        json.dumps(ROW | {"extra": 1}).encode(),
        json.dumps({k: v for k, v in ROW.items() if k != "salt"}).encode(),
    ],
)
def test_anything_else_is_no_row(line: bytes) -> None:
    assert contents.row_from_line(line) is None
