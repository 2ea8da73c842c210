from datetime import date

import pytest

from odr.settlement import terms
from odr.simulation import cast


@pytest.mark.parametrize("count", [cast.FIRST_OFFER, cast.INSTALMENTS])
def test_the_offers_sum_exactly_and_are_performable(count):
    today = date(2026, 11, 25)
    body = cast.offer(count, today)
    plan = terms.terms_from_json(body)
    terms.check(plan, today=today)
    assert sum(line.amount_fen for line in plan.instalments) == 34_000_000
    assert len(plan.instalments) == count


def test_seven_instalments_differ_by_the_odd_fen_only():
    amounts = [row["amount_fen"] for row in cast.offer(7, date(2026, 1, 31))["instalments"]]
    assert amounts == [4_857_142] * 6 + [4_857_148]
