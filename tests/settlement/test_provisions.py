"""What the paper prints: every promise in one sentence with the right names on the right side."""

from dataclasses import fields, replace

import pytest

from odr.settlement.clauses import clauses, difference, plain_lines
from odr.settlement.document import render
from odr.settlement.linter import lint
from odr.settlement.previews import page_texts
from odr.settlement.promises import NOTHING, Promises
from odr.settlement.provisions import performance, provisions
from odr.settlement.terms import content_hash
from tests.settlement.conftest import make_data, make_terms
from tests.settlement.test_promises import ALL

NAMES = {
    "payer": "被申请人李建国",
    "payee": "申请人王䶮",
    "applicant": "申请人王䶮",
    "respondent": "被申请人李建国",
}
WHOLE = replace(make_terms(), promises=ALL)


def test_every_promise_is_one_sentence_with_its_sides():
    told = provisions(WHOLE, NAMES)
    for sentence in (
        "各期款项到期后有3日宽限期，被申请人李建国在宽限期内足额支付的，不视为逾期。",
        "各方确认借款合同成立于2024年3月18日。",
        "李小芳自愿为被申请人李建国的上述付款义务提供连带责任保证，保证范围为全部应付款项、违约金和实现债权的费用，保证期间至2028年1月31日止。",
        "被申请人李建国应于2026年12月20日前（含当日）向申请人王䶮交付：登记证书一本。交付地点：仙岩街道河口村6号。",
        "被申请人李建国应于2026年12月1日前（含当日）以书面形式向申请人王䶮赔礼道歉。",
        "鉴定费：申请人王䶮负担人民币1,200.00元，被申请人李建国负担人民币800.00元。",
    ):
        assert sentence in told
    assert told[-1].startswith("本协议为部分调解协议。")
    assert told[-1].endswith("货物质量的损失。")


def test_the_sums_and_the_plan_stand_first():
    first, second, *_ = provisions(WHOLE, NAMES)
    assert "340,000.00元（大写：人民币叁拾肆万元整）" in first
    assert "分7期" in second


def test_where_nothing_is_paid_no_account_is_named():
    terms = replace(
        WHOLE, total_fen=0, instalments=(), payee_account="", penalty="",
        promises=Promises(apology=ALL.apology),
    )  # fmt: skip
    told = provisions(terms, NAMES)
    assert any("赔礼道歉" in sentence for sentence in told)
    assert not any("支付" in sentence for sentence in told)
    assert "收款账户" not in performance(terms, "线上")
    assert "收款账户" in performance(WHOLE, "线上")
    keys = {clause.key for clause in clauses(terms)}
    assert keys.isdisjoint({"total", "plan", "account", "method", "acceleration"})
    assert not [finding for finding in lint(terms) if finding.level == "error"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_promises_in_plain_words(language):
    keys = {clause.key for clause in clauses(WHOLE, language)}
    assert keys >= {
        "responsibility",
        "grace",
        "guarantee",
        "delivery",
        "apology",
        "costs",
        "remainder",
    }
    assert not [line for line in plain_lines(WHOLE, language) if "{" in line]


def test_the_printed_paper_has_them_all(desk):
    pages = "".join(page_texts(render(make_data(WHOLE), desk.authority.cache)))
    before, after = pages.split("四、达成的协议内容")
    assert "逾期还款的责任由被申请人承担" in before
    assert "不再另行划分" not in pages
    for words in (
        "提供连带责任保证",
        "交付：登记证书一本",
        "赔礼道歉",
        "负担人民币800.00元",
        "部分调解协议",
    ):
        assert words in after


def test_the_linter_reminds_of_the_guarantors_hand_and_of_what_stays_open():
    found = {finding.key.rpartition("lint-")[2]: finding for finding in lint(WHOLE)}
    assert "第六百八十五条" in found["guarantor"].article
    assert "李小芳" in found["guarantor"].sentence()
    assert "remainder" in found
    assert "guarantee-term" not in found
    open_end = replace(ALL, guarantee=replace(ALL.guarantee, until=None))
    keys = {finding.key for finding in lint(replace(WHOLE, promises=open_end))}
    assert "settlement.lint-guarantee-term" in keys


@pytest.mark.parametrize("field", [field.name for field in fields(Promises)])
def test_whatever_changes_the_hash_is_shown_as_a_clause(field):
    """Nobody accepts what she was not shown."""
    without = replace(WHOLE, promises=replace(ALL, **{field: getattr(NOTHING, field)}))
    assert content_hash(without) != content_hash(WHOLE)
    assert len(difference(without, WHOLE)) == 1
