from odr.settlement.plain import plain_lines
from tests.settlement.conftest import make_terms


def test_money_and_dates_come_first_in_plain_words():
    lines = plain_lines(make_terms())
    assert lines[0] == "一共支付 340,000.00 元（叁拾肆万元整）。"
    assert lines[1] == "第 1 期：2026年12月31日 前（含当日）付 48,571.42 元。"
    assert len([line for line in lines if line.startswith("第 ")]) == 7
    assert any("全部付清" in line for line in lines)


def test_english_readers_get_iso_dates():
    assert "48,571.42 yuan by 2026-12-31" in plain_lines(make_terms(), "en")[1]
