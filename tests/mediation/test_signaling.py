import re
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

import odr.mediation
from odr.cases.status import Outcome
from odr.errors import Refused
from odr.mediation import room, signaling

PROTOCOL = Path(odr.mediation.__file__).parent / "protocol.md"
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=12,
)


def test_every_act_is_described_and_every_description_is_an_act():
    headings = re.findall(r"^### `([a-z-]+)`$", PROTOCOL.read_text("utf-8"), re.M)
    assert sorted(headings) == sorted(signaling.HANDLERS)
    assert set(signaling.HANDLERS) == set(room.MAY)


def test_the_outcomes_are_the_eight_of_the_law():
    assert {outcome.value for outcome in Outcome} == signaling.OUTCOMES
    assert len(signaling.OUTCOMES) == 8


@given(
    st.sampled_from(sorted(signaling.HANDLERS)),
    st.dictionaries(st.text(max_size=12), json, max_size=5),
)
def test_whatever_is_sent_is_an_act_or_a_refusal(type_, fields):
    try:
        said = signaling.read({**fields, "type": type_}).type
    except Refused as refused:
        said = refused.sentence("zh")
    assert said
    assert not said.startswith("mediation.")


@pytest.mark.parametrize(
    "message",
    [
        None,
        "admit",
        [],
        {},
        {"type": "erase"},
        {"type": "admit"},
        {"type": "admit", "seat": 7},
        {"type": "confirm-identity", "seat": "a1", "verdict": "perhaps"},
        {"type": "accept", "proposal": "7", "text_hash": "x"},
        {"type": "propose", "terms": []},
        {"type": "set-facts", "lines": "one"},
        {"type": "set-facts", "lines": ["x" * 501]},
        {"type": "set-facts", "lines": [str(n) for n in range(61)]},
        {"type": "note", "text": "x" * 2001},
        {"type": "say", "text": "a\x00b"},
        {"type": "finish", "outcome": "won", "reason": ""},
    ],
)
def test_a_message_that_cannot_be_used_is_refused(message):
    with pytest.raises(Refused):
        signaling.read(message)


def test_only_what_belongs_to_the_act_comes_through():
    proposal = uuid4()
    sent = {"type": "accept", "proposal": str(proposal), "text_hash": "ab", "seat": "m"}
    assert signaling.read(sent).body == {"proposal": proposal, "text_hash": "ab"}
    lines = signaling.read({"type": "set-facts", "lines": [" 一 ", "", "二"]}).body["lines"]
    assert lines == ["一", "二"]
