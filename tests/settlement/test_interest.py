from datetime import date

import pytest

from odr.settlement.interest import asked, ceiling, percent, rates


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("年利率12%", 1200), ("年利率为15.4%", 1540), ("月利率2%", 2400), ("月息2分", 2400),
        ("月息1.5分", 1800), ("日利率0.05%", 1825), ("每日万分之五" , None), ("每日万分之5", 1825),
        ("每天千分之1", 3650), ("按日0.1%", 3650),
    ],
)  # fmt: skip
def test_rates_are_read_however_they_are_written(text, rate):
    assert [found for _, found in asked(text)] == ([rate] if rate else [])


def test_the_ceiling_is_four_times_the_rate_of_the_contract_day():
    assert ceiling(date(2024, 3, 18)) == 4 * 345
    assert ceiling(date(2024, 7, 22)) == 4 * 335
    assert ceiling(date(2024, 7, 21)) == 4 * 345
    assert ceiling() == 4 * rates()[-1][1]
    assert ceiling(date(2010, 1, 1)) == 4 * 425


def test_percent():
    assert [percent(rate) for rate in (1200, 1825, 1540)] == ["12%", "18.25%", "15.4%"]
