"""Who is held back on a weak line, and when she is seen again."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from odr.mediation.media.congestion import LAST_TRY_S, Congestion, Load

GOOD = Load(1_000_000, 3_000_000, 0.0)
LOSSY = Load(1_000_000, 0, 0.3)
SHORT = Load(1_000_000, 500_000, 0.0)
SEATS = ["m", "a", "b"]
loads = st.builds(
    Load, st.integers(0, 4_000_000), st.integers(0, 4_000_000), st.floats(0, 1, allow_nan=False)
)


def lived(line, load, seconds, begin=0.0, seats=SEATS):
    """What is held back after each second."""
    return [list(line.decide(seats, load, begin + second)) for second in range(seconds)]


def test_a_good_line_gets_everything():
    assert lived(Congestion(), GOOD, 100) == [[]] * 100


def test_a_short_burst_of_loss_takes_nothing_away():
    line = Congestion()
    assert lived(line, LOSSY, 2) == [[]] * 2
    assert lived(line, GOOD, 20, begin=2) == [[]] * 20


def test_a_weak_line_loses_the_least_important_picture_first():
    assert lived(Congestion(), LOSSY, 6) == [
        [],
        [],
        ["b"],
        ["b", "a"],
        ["b", "a", "m"],
        ["b", "a", "m"],
    ]
    assert lived(Congestion(), SHORT, 4) == [[], [], ["b"], ["b", "a"]]


def test_pictures_come_back_the_most_important_first():
    line = Congestion()
    lived(line, LOSSY, 5)
    back = lived(line, GOOD, 40, begin=5)
    held = [one for at, one in enumerate(back) if at == 0 or one != back[at - 1]]
    assert held == [["b", "a", "m"], ["b", "a"], ["b"], []]


def test_a_picture_that_cannot_be_carried_is_tried_less_and_less_often():
    line, tries, now = Congestion(), [], 0.0
    while now < 600:
        shown = "b" not in line.held
        held = line.decide(["b"], LOSSY if shown else GOOD, now)
        if not shown and "b" not in held:
            tries.append(now)
        now += 1.0
    waits = [after - before for before, after in itertools.pairwise(tries)]
    assert waits == sorted(waits)
    assert LAST_TRY_S <= waits[-1] <= LAST_TRY_S + 3


def test_the_one_who_speaks_is_seen_rather_than_a_silent_one():
    line = Congestion()
    lived(line, LOSSY, 4, seats=SEATS)
    assert line.held == ["b", "a"]
    assert line.decide(["a", "m", "b"], Load(1, 2, 0.0), 4.0) == ["b", "m"]


@given(st.lists(loads, max_size=80), st.permutations(SEATS))
def test_only_pictures_that_exist_are_held_and_none_twice(history, order):
    line = Congestion()
    for second, load in enumerate(history):
        held = line.decide(order, load, float(second))
        assert len(held) == len(set(held))
        assert set(held) <= set(order)


@given(st.lists(loads, max_size=40))
def test_whatever_happened_a_good_line_is_whole_again(history):
    line = Congestion()
    lived_until = 0
    for load in history:
        line.decide(SEATS, load, float(lived_until))
        lived_until += 1
    assert lived(line, GOOD, 4 * 70, begin=float(lived_until))[-1] == []


@given(st.lists(loads, max_size=40))
def test_a_seat_that_leaves_is_forgotten(history):
    line = Congestion()
    for second, load in enumerate(history):
        line.decide(SEATS, load, float(second))
    assert set(line.decide(["m"], GOOD, 1000.0)) <= {"m"}
