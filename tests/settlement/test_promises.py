"""What is promised beside the payments: read strictly, kept whole, refused when nobody could perform it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odr.errors import Refused
from odr.settlement import promises
from odr.settlement.promises import Apology, Costs, Delivery, Guarantee, Promises
from odr.settlement.terms import check, content_hash, terms_from_json, to_json
from tests.settlement.conftest import make_terms

TODAY = date(2026, 11, 25)
LAST = date(2027, 6, 30)
ALL = Promises(
    grace_days=3,
    guarantee=Guarantee("李小芳", "joint", date(2028, 1, 31)),
    delivery=Delivery("登记证书一本", "respondent", date(2026, 12, 20), "仙岩街道河口村6号"),
    apology=Apology("respondent", "written", date(2026, 12, 1)),
    costs=Costs("鉴定费", 120_000, 80_000),
    responsibility="逾期还款的责任由被申请人承担",
    remainder="货物质量的损失",
    contracted=date(2024, 3, 18),
)
DAYS = st.dates(date(2026, 1, 1), date(2030, 1, 1))
TEXTS = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=9)
SIDES = st.sampled_from(promises.SIDES)
FEN = st.integers(0, 10**9)
ANY = st.builds(
    Promises,
    grace_days=st.integers(0, 90),
    guarantee=st.none()
    | st.builds(Guarantee, TEXTS, st.sampled_from(promises.KINDS), st.none() | DAYS),
    delivery=st.none() | st.builds(Delivery, TEXTS, SIDES, DAYS, TEXTS),
    apology=st.none() | st.builds(Apology, SIDES, st.sampled_from(promises.MANNERS), DAYS),
    costs=st.none() | st.builds(Costs, TEXTS, FEN, FEN),
    responsibility=st.just("") | TEXTS,
    remainder=st.just("") | TEXTS,
    contracted=st.none() | DAYS,
)


def refused(work, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        work(*args, **kwargs)
    return caught.value


@given(ANY)
def test_what_is_written_is_read_back_whole(given_promises):
    assert promises.from_json(promises.to_json(given_promises)) == given_promises


def test_nothing_promised_leaves_the_terms_and_their_hash_as_they_were():
    assert "promises" not in to_json(make_terms())
    assert terms_from_json(to_json(make_terms())).promises == promises.NOTHING


@given(ANY)
def test_every_promise_is_part_of_what_is_accepted(given_promises):
    with_them = replace(make_terms(), promises=given_promises)
    same = content_hash(with_them) == content_hash(make_terms())
    assert same == (given_promises == promises.NOTHING)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"grace_days": 91}, "grace-out-of-range"),
        ({"remainder": "很" * 501}, "text-too-long"),
        ({"apology": replace(ALL.apology, due=TODAY - timedelta(days=1))}, "promise-past"),
        ({"delivery": replace(ALL.delivery, due=TODAY - timedelta(days=1))}, "promise-past"),
        ({"guarantee": replace(ALL.guarantee, until=LAST)}, "guarantee-too-short"),
        ({"grace_days": -1}, "grace-out-of-range"),
        ({"costs": Costs("鉴定费", 0, 0)}, "costs-of-nothing"),
        ({"costs": Costs("鉴定费", 500, -1)}, "costs-of-nothing"),
    ],
)
def test_what_nobody_could_perform_is_refused_with_a_sentence(changes, key):
    promises.check(ALL, today=TODAY, last_due=LAST)
    error = refused(promises.check, replace(ALL, **changes), today=TODAY, last_due=LAST)
    assert error.key == f"settlement.{key}"
    for language in ("zh", "en"):
        assert "{" not in error.sentence(language)


def test_a_guarantee_of_nothing_is_refused():
    error = refused(promises.check, ALL, today=TODAY, last_due=None)
    assert error.key == "settlement.nothing-to-guarantee"


@pytest.mark.parametrize(
    "body",
    [
        [],
        "no",
        {"grace_days": "3"},
        {"grace_days": True},
        {"guarantee": []},
        {"guarantee": {"guarantor": "", "kind": "joint"}},
        {"guarantee": {"guarantor": "李", "kind": "whatever"}},
        {"guarantee": {"guarantor": "李", "kind": "joint", "until": "soon"}},
        {"delivery": {"what": "书", "by": "nobody", "due": "2026-12-01", "place": "家"}},
        {"delivery": {"what": "书", "by": "applicant", "due": "", "place": "家"}},
        {"apology": {"by": "applicant", "manner": "sung", "due": "2026-12-01"}},
        {"costs": {"what": "费", "applicant_fen": 1.5}},
        {"costs": {"what": "费", "applicant_fen": 10**17}},
        {"remainder": 7},
        {"responsibility": []},
        {"contracted": 20240318},
    ],
)
def test_what_cannot_be_read_is_refused_and_names_the_field(body):
    error = refused(promises.from_json, body)
    assert error.key == "settlement.terms-malformed"
    assert error.values["field"].startswith("promises")


def test_an_apology_alone_is_an_agreement_without_any_payment():
    terms = replace(
        make_terms(), total_fen=0, instalments=(), payee_account="", penalty="",
        promises=Promises(apology=ALL.apology),
    )  # fmt: skip
    check(terms, today=TODAY)
    assert refused(check, replace(terms, promises=promises.NOTHING), today=TODAY).key
