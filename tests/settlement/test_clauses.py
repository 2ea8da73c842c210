"""Terms cut into clauses: what is shown, what makes a clause another, what differs between two versions."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from odr.settlement.clauses import clauses, difference, plain_lines, short
from odr.settlement.terms import plan_equal
from tests.settlement.conftest import make_terms

TEXTS = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)


def test_money_and_dates_come_first_in_plain_words():
    lines = plain_lines(make_terms())
    assert lines[0] == "一共支付 340,000.00 元（叁拾肆万元整）。"
    assert lines[1] == "第 1 期：2026年12月31日 前（含当日）付 48,571.42 元。"
    assert len([line for line in lines if line.startswith("第 ")]) == 7
    assert any("全部付清" in line for line in lines)


def test_english_readers_get_iso_dates():
    assert "48,571.42 yuan by 2026-12-31" in plain_lines(make_terms(), "en")[1]


def test_a_clause_is_the_same_in_every_language():
    chinese, english = clauses(make_terms()), clauses(make_terms(), "en")
    assert [one.digest for one in chinese] == [one.digest for one in english]
    assert chinese[0].lines != english[0].lines


def test_the_plan_is_one_clause_and_every_free_line_one():
    keys = [one.key for one in clauses(replace(make_terms(), extra=("道歉。", "不再来往。")))]
    assert keys[:4] == ["total", "plan", "acceleration", "account"]
    assert len([key for key in keys if key.startswith("extra-")]) == 2
    assert len(set(keys)) == len(keys)


def test_of_a_changed_plan_only_the_changed_lines_are_told():
    terms = make_terms()
    later = terms.instalments[-1]
    moved = replace(later, due=later.due.replace(day=15))
    (change,) = difference(terms, replace(terms, instalments=(*terms.instalments[:-1], moved)))
    assert change.key == "plan"
    assert len(change.before) == len(change.after) == 1
    assert "6月15日" in change.after[0]


def test_what_is_new_what_is_changed_and_what_is_left_out():
    before = make_terms()
    after = replace(before, penalty="", method="现金", extra=(*before.extra, "每月对账一次。"))
    told = {change.key: (change.before, change.after) for change in difference(before, after)}
    assert told["penalty"][1] == ()
    assert "现金" in told["method"][1][0]
    assert "银行转账" in told["method"][0][0]
    assert ((), ("每月对账一次。",)) in told.values()
    assert set(told) == {"penalty", "method", *(key for key in told if key.startswith("extra-"))}


def test_against_nothing_everything_is_new():
    changes = difference(None, make_terms())
    assert [change.key for change in changes] == [one.key for one in clauses(make_terms())]
    assert all(not change.before for change in changes)


def test_the_same_words_in_another_place_are_another_clause():
    terms = replace(make_terms(), method="现金", penalty="现金")
    by_key = {one.key: one.digest for one in clauses(terms)}
    assert by_key["method"] != by_key["penalty"]


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=4), st.integers(1, 5))
def test_a_difference_leads_from_one_version_to_the_other(old, new, count):
    """Take away what was left out, put in what came: the clauses of the later version, no more."""
    before = replace(make_terms(), extra=tuple(old))
    plan = plan_equal(before.total_fen, count, before.instalments[0].due)
    after = replace(before, extra=tuple(new), instalments=plan)
    changed = {change.key for change in difference(before, after)}
    was, now = ({one.key: one.digest for one in clauses(terms)} for terms in (before, after))
    assert {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)} == changed
    assert difference(after, after) == ()


def test_a_long_clause_has_a_short_name_and_a_short_one_is_its_own():
    total, plan, *_ = clauses(make_terms())
    assert short(total) == total.lines[0]
    assert short(plan) == "分 7 期付款的安排。"
    assert "7" in short(plan, "en")
