"""Who has the floor."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from odr.mediation.media.floor import HOLD_S, SILENT, Floor, smoothed


def test_the_first_who_speaks_has_the_floor_and_a_silent_room_leaves_it():
    floor = Floor()
    assert not floor.heard({"a": 90.0, "b": 127.0}, 0.0)
    assert floor.heard({"a": 30.0, "b": 127.0}, 1.0)
    assert floor.seat == "a"
    assert not floor.heard({"a": 127.0, "b": 127.0}, 9.0)
    assert floor.seat == "a"


def test_a_cough_and_an_equal_voice_change_nothing():
    floor = Floor()
    floor.heard({"a": 30.0, "b": 90.0}, 0.0)
    assert not floor.heard({"a": 30.0, "b": 26.0}, 10.0)
    assert not floor.heard({"a": 60.0, "b": 20.0}, HOLD_S / 2)
    assert floor.heard({"a": 60.0, "b": 20.0}, HOLD_S)
    assert floor.seat == "b"


def test_speech_is_noticed_within_a_quarter_second_and_a_pause_between_words_forgiven():
    level = float(SILENT)
    for _ in range(12):
        level = smoothed(level, 20)
    assert level < 50
    for _ in range(5):
        level = smoothed(level, SILENT)
    assert level < 60


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(0, 127)), max_size=60))
def test_the_floor_changes_at_most_once_in_the_time_it_is_held(history):
    floor, changes = Floor(), []
    for at, levels in enumerate(history):
        if floor.heard(levels, at * 0.2):
            changes.append(at * 0.2)
            assert floor.seat in levels
    assert all(b - a >= HOLD_S - 1e-9 for a, b in itertools.pairwise(changes))
