from datetime import date

import pytest

from odr.law import fees

# claim, fee, half, a third, enforcement, preservation: all in yuan
GOLDEN = [
    (10_000, 50, 25, 16.67, 50, 120),
    (50_000, 1_050, 525, 350, 650, 520),
    (100_000, 2_300, 1_150, 766.67, 1_400, 1_020),
    (200_000, 4_300, 2_150, 1_433.33, 2_900, 1_520),
    (340_000, 6_400, 3_200, 2_133.33, 5_000, 2_220),
    (500_000, 8_800, 4_400, 2_933.33, 7_400, 3_020),
    (1_000_000, 13_800, 6_900, 4_600, 12_400, 5_000),
    (2_000_000, 22_800, 11_400, 7_600, 22_400, 5_000),
    (5_000_000, 46_800, 23_400, 15_600, 52_400, 5_000),
    (10_000_000, 81_800, 40_900, 27_266.67, 77_400, 5_000),
    (20_000_000, 141_800, 70_900, 47_266.67, 87_400, 5_000),
    (30_000_000, 191_800, 95_900, 63_933.33, 97_400, 5_000),
]
KINDS = (
    fees.court_fee,
    fees.mediated_fee,
    fees.payment_order_fee,
    fees.enforcement_fee,
    fees.preservation_fee,
)


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: str(row[0]))
def test_the_golden_vectors(row):
    claim, *expected = row
    assert [kind(claim * 100) for kind in KINDS] == [round(yuan * 100) for yuan in expected]


def test_a_small_claim_costs_fifty_and_fees_never_fall():
    assert fees.court_fee(0) == fees.court_fee(1) == 5_000
    steps = [fees.court_fee(claim * 100) for claim in range(0, 3_000_000, 9_973)]
    assert steps == sorted(steps)


def test_fees_stand_on_their_rule_and_not_before_it():
    assert "第481号" in fees.source()
    with pytest.raises(ValueError, match="early"):
        fees.court_fee(100, date(2006, 1, 1))
    with pytest.raises(ValueError, match="negative"):
        fees.court_fee(-1)
