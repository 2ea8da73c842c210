from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odr import chain
from odr.errors import Refused
from odr.mediation.script import STEPS, Facts, Script, Step, load

PARTIES = {"a1": "陈建国", "r1": "王经理"}
SEATS = sorted(PARTIES)
ITEMS = [
    (seat, item.key) for seat in SEATS for page in load("2026-01").values() for item in page.items
]
ALL = Facts(
    present=frozenset(SEATS),
    tapped=frozenset(ITEMS),
    identified=frozenset(SEATS),
    lines=2,
    answered=frozenset(SEATS),
    proposed=True,
    accepted=frozenset(SEATS),
    sealed=True,
)
some = st.frozensets(st.sampled_from(SEATS))
anything = st.builds(
    Facts,
    present=some,
    tapped=st.one_of(st.just(frozenset(ITEMS)), st.frozensets(st.sampled_from(ITEMS))),
    identified=some,
    doubted=some,
    lines=st.integers(0, 2),
    answered=some,
    proposed=st.booleans(),
    accepted=some,
    sealed=st.booleans(),
)


@given(st.lists(st.one_of(anything, st.just(ALL)), max_size=12))
def test_no_step_is_skipped_and_none_is_left_before_it_is_done(course):
    script, walked = Script(PARTIES), [Step.IDENTITY_CHECK]
    for facts in course:
        before, lacks = script, script.lacks(facts)
        try:
            script = script.advance(facts)
        except Refused:
            assert lacks or before.step is Step.SIGNING
            assert script == before
        else:
            assert lacks == []
            walked.append(script.step)
    assert walked == list(STEPS[: len(walked)])


@pytest.mark.parametrize(
    ("step", "facts", "said"),
    [
        (Step.IDENTITY_CHECK, {"present": frozenset({"a1"})}, "王经理 is not connected"),
        (Step.IDENTITY_CHECK, {"identified": frozenset({"r1"})}, "陈建国"),
        (
            Step.IDENTITY_CHECK,
            {"identified": frozenset({"a1"}), "doubted": frozenset({"r1"})},
            "王经理 is in doubt",
        ),
        (Step.RIGHTS_NOTICE, {"tapped": frozenset(i for i in ITEMS if i[0] == "a1")}, "王经理"),
        (Step.FACT_CONFIRMATION, {"lines": 0}, "No facts"),
        (Step.FACT_CONFIRMATION, {"answered": frozenset({"a1"})}, "王经理"),
        (Step.NEGOTIATION, {"proposed": False}, "no proposal"),
        (Step.AGREEMENT, {"accepted": frozenset({"r1"})}, "陈建国"),
    ],
)
def test_the_refusal_names_who_or_what_is_missing(step, facts, said):
    with pytest.raises(Refused, match=said):
        Script(PARTIES, step).advance(replace(ALL, **facts))


def test_the_last_step_has_no_next_and_ends_only_when_sealed():
    last = Script(PARTIES, Step.SIGNING)
    with pytest.raises(Refused, match="last step"):
        last.advance(ALL)
    last.conclude(ALL)
    with pytest.raises(Refused, match="not signed and sealed"):
        last.conclude(replace(ALL, sealed=False))
    with pytest.raises(Refused):
        Script(PARTIES, Step.AGREEMENT).conclude(ALL)


def test_every_step_has_its_texts_in_both_languages():
    pages = load("2026-01")
    assert tuple(pages) == STEPS
    for page in pages.values():
        for texts in (page.title, page.read, page.card, *(item.texts for item in page.items)):
            assert texts["zh"]
            assert texts["en"]
        assert page.law


def test_the_rights_notice_holds_everything_the_law_wants_told():
    keys = {item.key for item in load("2026-01")[Step.RIGHTS_NOTICE].items}
    assert keys == {
        "rights",
        "duties",
        "free",
        "recusal",
        "procedure",
        "sham-mediation",
        "online",
        "confidential",
        "other-ways",
        "privacy",
        "recording",
    }


def test_the_hash_of_an_item_is_that_of_the_sentence_shown():
    item = load("2026-01")[Step.RIGHTS_NOTICE].item("recusal")
    values = {"mediator": "周敏", "clerk": "书记员"}
    assert item.hashes(values)["zh"] == chain.digest(item.text("zh", values).encode())
    assert item.hashes(values) != item.hashes(values | {"mediator": "李明"})


def test_an_unknown_item_is_refused():
    with pytest.raises(Refused):
        load("2026-01")[Step.NEGOTIATION].item("sham-mediation")
