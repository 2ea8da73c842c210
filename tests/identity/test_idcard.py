from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odr.errors import Refused
from odr.identity import idcard

TODAY = date(2026, 11, 25)
GOOD = "11010519491231002X"


def wide(text: str) -> str:
    """As some telephones type it: full-width characters."""
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


births = st.dates(date(1900, 1, 1), TODAY).map(lambda day: day.strftime("%Y%m%d"))
numbers = st.builds(
    lambda region, birth, serial: (
        f"{region}0304{birth}{serial:03d}" + idcard.check_digit(f"{region}0304{birth}{serial:03d}")
    ),
    st.sampled_from(sorted(idcard.PROVINCES)),
    births,
    st.integers(0, 999),
)


def check(text: str) -> idcard.IdNumber:
    return idcard.check_id_number(text, today=TODAY)


def test_a_number_tells_birth_and_sex():
    found = check(GOOD)
    assert found == idcard.IdNumber(GOOD, "resident", date(1949, 12, 31), "female", minor=False)


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", " 110105 19491231 002X ", wide("11010519491231002x")],
)
def test_the_ways_people_type_it_are_one_number(typed):
    assert check(typed).number == GOOD


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_refused(number, at, wrong):
    changed = number[:at] + wrong + number[at + 1 :]
    if changed == number:
        assert check(number).number == number
        return
    with pytest.raises(Refused):
        check(changed)


@given(numbers, st.integers(0, 16))
def test_every_swap_of_neighbours_is_refused(number, at):
    changed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if changed != number:
        with pytest.raises(Refused):
            check(changed)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "identity.id-form"),
        ("1101051949123100", "identity.id-form"),
        ("110105491231002", "identity.id-old"),
        ("00010519491231002X", "identity.id-region"),
        ("110105194913310021", "identity.id-birth"),
        ("110105202712310021", "identity.id-birth"),
        ("110105194912310021", "identity.id-check-digit"),
    ],
)
def test_what_is_wrong_is_named(typed, key):
    with pytest.raises(Refused) as refused:
        check(typed)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("H1234567801", "hk_macao_pass"),
        ("m12345678", "hk_macao_pass"),
        ("12345678", "taiwan_pass"),
        ("810000199001011" + "00", ""),
    ],
)
def test_other_documents_are_known_by_their_form(typed, kind):
    if not kind:
        typed, kind = typed + idcard.check_digit(typed), "hk_permit"
    assert check(typed).kind == kind


def test_the_day_before_eighteen_is_a_minor():
    def born(day: str) -> idcard.IdNumber:
        first = f"330304{day}141"
        return check(first + idcard.check_digit(first))

    assert born("20081126").minor is True
    assert born("20081125").minor is False


@pytest.mark.parametrize(
    "typed", ["13800138001", "+86 138-0013-8001", "008613800138001", wide("13800138001")]
)
def test_phones_come_out_as_eleven_digits(typed):
    assert idcard.check_phone(typed) == "13800138001"


@pytest.mark.parametrize(
    "typed", ["", "1380013800", "12800138001", "138001380012", "abc", "١٣٨٠٠١٣٨٠٠١"]
)
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(Refused):
        idcard.check_phone(typed)


def test_masks_hide_the_middle():
    assert idcard.mask_phone("13800138001") == "138****8001"
    assert idcard.mask_id(GOOD) == "110***********002X"
    assert idcard.mask_id("H12345678") == "H12**5678"
    assert [idcard.mask_name(n) for n in ("陈", "陈强", "陈国强", "温州某某物流有限公司")] == [
        "陈",
        "陈*",
        "陈*强",
        "温州******公司",
    ]
