"""Packets come out in the order in which they were sent, each at most once, whatever the network does."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from odr.mediation.media.order import Order
from odr.mediation.media.rtp import Packet

PATIENCE_S = 0.3
START = 65_530  # the numbers run over on the way


def packet(number, ssrc=1):
    return Packet(111, True, (START + number) & 0xFFFF, number * 960, ssrc, b"sound")


def numbers(found):
    return [one and one.ts // 960 for one in found]


@given(st.permutations(range(1, 12)))
def test_what_comes_in_any_order_within_patience_comes_out_in_its_own(mixed):
    order = Order(PATIENCE_S)
    found = [one for number in [0, *mixed] for one in order.run([packet(number)], 0.0)]
    assert numbers(found) == list(range(12))


@given(st.sets(st.integers(1, 18)), st.lists(st.integers(1, 5), min_size=19, max_size=19))
def test_what_stays_missing_is_passed_over_and_said_so(lost, lengths):
    order, found, at = Order(PATIENCE_S), [], 0
    come = [number for number in range(20) if number not in lost]
    for turn, length in enumerate(lengths):
        run = [packet(number) for number in range(at, at + length) if number in come]
        at += length
        whole = len(run) == length and run
        for one in [run] if whole else [[single] for single in run]:
            found += order.run(one, float(turn))
    came = [number for number in come if number < at]
    rest = numbers(order.rest())
    assert [number for number in [*numbers(found), *rest] if number is not None] == came
    told = [0, *(said for pair in pairwise(came) for said in after(*pair))]
    assert numbers(found) == told[: len(found)]


def after(earlier, later):
    """What comes out behind ``earlier``: one sign for whatever is missing, then ``later``."""
    return [later] if later == earlier + 1 else [None, later]


def test_a_doubled_or_belated_packet_comes_out_once():
    order = Order(PATIENCE_S)
    assert numbers(order.run([packet(0), packet(1)], 0.0)) == [0, 1]
    assert order.run([packet(1)], 0.0) == []
    assert order.run([packet(3)], 0.0) == []
    assert numbers(order.run([packet(4)], 1.0)) == [None, 3, 4]
    assert order.run([packet(2)], 1.0) == []


def test_another_sender_begins_anew():
    order = Order(PATIENCE_S)
    order.run([packet(0)], 0.0)
    order.run([packet(2)], 0.0)
    assert numbers(order.run([packet(700, ssrc=2)], 0.0)) == [2, None, 700]
    assert numbers(order.run([packet(701, ssrc=2)], 0.0)) == [701]
    assert numbers(order.run([packet(9_000, ssrc=2)], 0.0)) == [None, 9_000]
