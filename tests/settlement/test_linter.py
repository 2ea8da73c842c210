from dataclasses import replace
from datetime import date

from odr.settlement.linter import ERROR, lint
from odr.settlement.terms import Terms, plan_equal

GOOD = Terms(300, plan_equal(300, 3, date(2027, 1, 4)), "户名：王", penalty="按年利率12%支付违约金")


def keys(terms, text=""):
    return {finding.key.removeprefix("settlement.lint-") for finding in lint(terms, text)}


def test_a_good_draft_has_no_errors():
    assert not [finding for finding in lint(GOOD) if finding.level == ERROR]


def test_that_the_court_shall_decide_is_forbidden_by_article_8():
    draft = replace(GOOD, penalty="如不履行，由人民法院判决")
    finding = lint(draft)[0]
    assert (finding.level, finding.key) == (ERROR, "settlement.lint-court-decides")
    assert "第八条" in finding.article


def test_asking_for_enforcement_is_allowed():
    draft = replace(GOOD, penalty="申请人可以向人民法院申请强制执行")
    assert "court-decides" not in keys(draft)


def test_vague_words_status_weekends_and_accounts_are_found():
    assert "vague" in keys(replace(GOOD, extra=("尽快付清",)))
    assert "personal-status" in keys(replace(GOOD, extra=("双方自愿离婚",)))
    assert "weekend" in keys(replace(GOOD, instalments=plan_equal(300, 1, date(2027, 1, 3))))
    assert "no-account" in keys(replace(GOOD, payee_account=""))
    assert "sum" in keys(replace(GOOD, total_fen=301))


def test_capitals_that_differ_are_found():
    assert "capitals" in keys(GOOD, "支付340,000.00元（大写：人民币叁拾伍万元整）")
    assert "capitals" not in keys(GOOD, "支付340,000.00元（大写：人民币叁拾肆万元整）")


def test_every_finding_has_a_sentence_in_both_languages():
    draft = replace(GOOD, payee_account="", penalty="", acceleration=False, extra=("尽快", "离婚"))
    for finding in lint(draft, "1.00元（贰元整）"):
        assert finding.sentence("zh") != finding.key
        assert finding.sentence("en") != finding.key
