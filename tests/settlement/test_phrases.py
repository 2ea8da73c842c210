from datetime import date

from odr.settlement.phrases import chinese_date, numeral, phrase, phrases


def test_numerals_and_dates_as_papers_write_them():
    assert [numeral(n) for n in (1, 10, 11, 20, 21, 99)] == [
        "一",
        "十",
        "十一",
        "二十",
        "二十一",
        "九十九",
    ]
    assert chinese_date(date(2026, 12, 31)) == "2026年12月31日"


def test_places_are_filled():
    assert phrase("agreement", "number", number=3) == "第3期"
    assert len(phrases("agreement", "columns")) == 5
