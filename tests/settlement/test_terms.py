from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odr.errors import Refused
from odr.settlement.terms import (
    Instalment,
    Terms,
    capitals,
    check,
    content_hash,
    month_later,
    plan_equal,
    plan_stepped,
    terms_from_json,
    to_json,
    yuan,
)

TODAY = date(2026, 11, 25)
GOLDEN = Terms(34_000_000, plan_equal(34_000_000, 7, date(2026, 12, 31)), "户名：王䶮")


def test_340000_yuan_in_7_monthly_instalments():
    assert [line.amount_fen for line in GOLDEN.instalments] == [4_857_142] * 6 + [4_857_148]
    assert [line.due.isoformat() for line in GOLDEN.instalments] == [
        "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31",
        "2027-06-30",
    ]  # fmt: skip
    check(GOLDEN, today=TODAY)


def test_102000_yuan_in_3():
    assert [line.amount_fen for line in plan_equal(10_200_000, 3, TODAY)] == [3_400_000] * 3


def test_a_down_payment_comes_first():
    plan = plan_equal(10_000, 3, TODAY, down_payment_fen=1_000)
    assert [line.amount_fen for line in plan] == [1_000, 3_000, 3_000, 3_000]
    assert [line.number for line in plan] == [1, 2, 3, 4]


@given(
    total=st.integers(1, 10**12),
    count=st.integers(1, 120),
    first=st.dates(date(2026, 1, 1), date(2090, 12, 31)),
    down=st.integers(0, 10**9),
)
def test_every_plan_sums_exactly_and_is_one_payment_a_month(total, count, first, down):
    if total - down < count:
        with pytest.raises(Refused):
            plan_equal(total, count, first, down_payment_fen=down)
        return
    plan = plan_equal(total, count, first, down_payment_fen=down)
    assert sum(line.amount_fen for line in plan) == total
    months = [line.due.year * 12 + line.due.month for line in plan]
    assert months == list(range(months[0], months[0] + len(plan)))
    assert all(line.due.day == first.day or line.due.day < first.day for line in plan)


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.integers(0, 500))
def test_month_later_stays_within_the_month(day, months):
    later = month_later(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (34_000_000, "叁拾肆万元整"),
        (10_860_000, "壹拾万捌仟陆佰元整"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (100_005, "壹仟元零伍分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (10_000_000_100, "壹亿零壹元整"),
        (1_000_100_000_000, "壹佰亿零壹佰万元整"),
        (20_010_000, "贰拾万零壹佰元整"),
        (4_857_142, "肆万捌仟伍佰柒拾壹元肆角贰分"),
    ],
)
def test_capitals(fen, words):
    assert capitals(fen) == words


@given(st.integers(0, 10**14 - 1))
def test_capitals_read_back(fen):
    assert _read(capitals(fen)) == fen


def _read(words):
    """An independent reader of Chinese capitals."""
    digits = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
    small = {"拾": 10, "佰": 100, "仟": 1000}
    total = section = digit = fen = 0
    for c in words:
        if c in digits:
            digit = digits[c]
        elif c in small:
            section, digit = section + digit * small[c], 0
        elif c in "万亿":
            total, section, digit = total + (section + digit) * 10 ** (4 if c == "万" else 8), 0, 0
        elif c == "元":
            fen, total, section, digit = (total + section + digit) * 100, 0, 0, 0
        elif c in "角分":
            fen, digit = fen + digit * (10 if c == "角" else 1), 0
    return fen


def test_sums_that_differ_are_both_said():
    with pytest.raises(Refused) as refused:
        check(replace(GOLDEN, total_fen=34_000_001), today=TODAY)
    assert "340,000.00" in refused.value.sentence()
    assert "340,000.01" in refused.value.sentence()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"payee_account": " "}, "settlement.no-payee-account"),
        ({"total_fen": 0}, "settlement.total-not-positive"),
        ({"instalments": ()}, "settlement.instalment-count"),
        ({"instalments": plan_stepped([34_000_000], date(2026, 11, 24))}, "settlement.due-past"),
        (
            {"instalments": plan_stepped([34_000_001, -1], TODAY)},
            "settlement.amount-not-positive",
        ),
        (
            {"instalments": (Instalment(1, TODAY, 1), Instalment(2, TODAY, 33_999_999))},
            "settlement.due-not-increasing",
        ),
        ({"instalments": (Instalment(2, TODAY, 34_000_000),)}, "settlement.numbering"),
        ({"extra": ("字" * 2001,)}, "settlement.text-too-long"),
    ],
)
def test_terms_nobody_could_perform_are_refused(change, key):
    with pytest.raises(Refused) as refused:
        check(replace(GOLDEN, **change), today=TODAY)
    assert refused.value.key == key


def test_today_is_early_enough():
    check(replace(GOLDEN, instalments=plan_stepped([34_000_000], TODAY)), today=TODAY)


def test_terms_survive_json_and_the_hash_hangs_on_every_fen():
    assert terms_from_json(to_json(GOLDEN)) == GOLDEN
    assert content_hash(GOLDEN) != content_hash(replace(GOLDEN, total_fen=34_000_001))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instalments": "all"},
        {"instalments": [1], "total_fen": 1},
        {"instalments": [], "total_fen": 1.5},
        {"instalments": [], "total_fen": True},
        {"instalments": [], "total_fen": "1"},
        {"instalments": [{"number": 1, "due": "31.12.2026", "amount_fen": 1}], "total_fen": 1},
        {"instalments": [], "total_fen": 1, "extra": "x"},
        {"instalments": [], "total_fen": 1, "payee_account": 5},
        {"instalments": [], "total_fen": 1, "acceleration": "no"},
    ],
)
def test_malformed_terms_are_refused(body):
    with pytest.raises(Refused):
        terms_from_json(body)


def test_yuan():
    assert yuan(34_000_005) == "340,000.05"
