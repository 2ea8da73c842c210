from datetime import UTC, datetime, timedelta

from odr.law import retention

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_every_kind_says_how_long_why_and_by_which_article():
    for rule in retention.rules():
        assert rule.days > 0
        assert rule.start in retention.STARTS
        assert "第" in rule.source or "期限" in rule.source
        assert all([rule.zh, rule.en, rule.why_zh, rule.why_en])


def test_the_log_of_logins_is_kept_for_six_months():
    (rule,) = [rule for rule in retention.rules() if rule.kind == "web_session"]
    assert rule.before(NOW) <= NOW - timedelta(days=183)
