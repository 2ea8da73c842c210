from datetime import UTC, datetime

import pytest
from flask import Flask

from odr.errors import NotFound, Refused
from odr.web import forms

LABEL = ("金额", "Amount")


def typed(value, name="x"):
    return Flask(__name__).test_request_context(method="POST", data={name: value})


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("340000", 34000000),
        ("340,000", 34000000),
        ("\uff11\uff12.5元", 1250),
        (" ¥0.07 ", 7),
        ("0", 0),
    ],
)
def test_yuan_become_fen(text, fen):
    with typed(text):
        assert forms.money("x", LABEL) == fen


@pytest.mark.parametrize("text", ["", "abc", "12.345", "-5", "NaN", "Infinity", "1e30", "三万"])
def test_what_is_no_amount_is_refused(text):
    with typed(text), pytest.raises(Refused):
        forms.money("x", LABEL)


def test_a_wall_clock_is_shanghai():
    with typed("2026-11-25T15:00"):
        assert forms.moment("x", LABEL) == datetime(2026, 11, 25, 7, tzinfo=UTC)
    with typed("tomorrow"), pytest.raises(Refused):
        forms.moment("x", LABEL)


def test_text_loses_control_characters_and_keeps_rare_names():
    with typed("\x00𠮷野·阿依古丽\r\n第二行\x07"):
        assert forms.text("x", LABEL) == "𠮷野·阿依古丽\n第二行"


def test_text_missing_or_too_long_is_refused():
    with typed("  "), pytest.raises(Refused):
        forms.text("x", LABEL)
    with typed("字" * 11), pytest.raises(Refused):
        forms.text("x", LABEL, most=10)
    with typed(""):
        assert forms.text("x", LABEL, needed=False) == ""


def test_an_id_that_is_none_is_not_found():
    with typed("1 or 1=1"), pytest.raises(NotFound):
        forms.identifier("x")


def test_a_box_is_ticked_or_not():
    with typed("on"):
        assert forms.flag("x")
        assert not forms.flag("y")


def test_no_file_is_refused():
    with typed("x"), pytest.raises(Refused):
        forms.upload("file", LABEL)
