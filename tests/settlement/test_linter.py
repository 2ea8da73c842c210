from dataclasses import replace
from datetime import date

from odr.settlement.linter import ERROR, lint
from odr.settlement.promises import Promises
from odr.settlement.terms import Terms, plan_equal
from tests.settlement.corpus import BAD, GOOD

GOOD_TERMS = Terms(
    300, plan_equal(300, 3, date(2027, 1, 4)), "户名：王", penalty="按年利率12%支付违约金"
)


def keys(terms, text=""):
    return {finding.key.removeprefix("settlement.lint-") for finding in lint(terms, text)}


def test_a_good_draft_has_no_errors():
    assert not [finding for finding in lint(GOOD_TERMS) if finding.level == ERROR]


def test_that_the_court_shall_decide_is_forbidden_by_article_8():
    draft = replace(GOOD_TERMS, penalty="如不履行，由人民法院判决")
    finding = lint(draft)[0]
    assert (finding.level, finding.key) == (ERROR, "settlement.lint-court-decides")
    assert "第八条" in finding.article


def test_asking_for_enforcement_is_allowed():
    draft = replace(GOOD_TERMS, penalty="申请人可以向人民法院申请强制执行")
    assert "court-decides" not in keys(draft)


def test_vague_words_status_weekends_and_accounts_are_found():
    assert "vague" in keys(replace(GOOD_TERMS, extra=("尽快付清",)))
    assert "personal-status" in keys(replace(GOOD_TERMS, extra=("双方自愿离婚",)))
    assert "weekend" in keys(replace(GOOD_TERMS, instalments=plan_equal(300, 1, date(2027, 1, 3))))
    assert "no-account" in keys(replace(GOOD_TERMS, payee_account=""))
    assert "sum" in keys(replace(GOOD_TERMS, total_fen=301))


def test_capitals_that_differ_are_found():
    assert "capitals" in keys(GOOD_TERMS, "支付340,000.00元（大写：人民币叁拾伍万元整）")
    assert "capitals" not in keys(GOOD_TERMS, "支付340,000.00元（大写：人民币叁拾肆万元整）")


def test_every_finding_has_a_sentence_in_both_languages():
    draft = replace(
        GOOD_TERMS, payee_account="", penalty="", acceleration=False, extra=("尽快", "离婚")
    )
    for finding in lint(draft, "1.00元（贰元整）"):
        assert finding.sentence("zh") != finding.key
        assert finding.sentence("en") != finding.key


def test_the_linter_misses_nothing_and_cries_wolf_never():
    bad = [(key, text) for key, texts in BAD.items() for text in texts]
    missed = [(key, text) for key, text in bad if key not in keys(GOOD_TERMS, text)]
    false = [(text, keys(GOOD_TERMS, text)) for text in GOOD if keys(GOOD_TERMS, text)]
    recall = 1 - len(missed) / len(bad)
    precision = 1 - len(false) / (len(false) + len(bad) - len(missed))
    print(f"recall {recall:.3f} of {len(bad)} bad, precision {precision:.3f}, {len(GOOD)} good")  # noqa: T201 -- the figures are wanted
    assert (missed, false) == ([], [])
    assert len(bad) >= 60
    assert len(GOOD) >= 40


def test_interest_is_measured_by_the_day_of_the_contract():
    text = "逾期按年利率13%支付"
    assert "interest" in keys(GOOD_TERMS, text)
    early = lint(replace(GOOD_TERMS, promises=Promises(contracted=date(2024, 3, 18))), text)
    assert "settlement.lint-interest" not in {finding.key for finding in early}


def test_a_guarantee_is_only_remarked():
    (finding,) = lint(GOOD_TERMS, "张三对上述债务承担连带保证责任")
    assert (finding.level, finding.key) == ("note", "settlement.lint-guarantee")
