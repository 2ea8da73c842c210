"""Which papers a case has come to, and what stands in them."""

from dataclasses import replace

import pytest

from odr import clock
from odr.cases.models import Case, Party
from odr.db import reading, transaction
from odr.mediation.forms import catalogue, forms_of
from odr.settlement.forms import render_form
from tests.mediation.test_papers import record


@pytest.fixture
def known(table):
    """A case that has been accepted, with the applicant's address."""
    with transaction() as session:
        case = session.get(Case, table.case_id)
        case.accepted_at = case.accepted_at or case.filed_at
        session.query(Party).filter_by(side="applicant").one().address = "温州市瓯海区人民路1号"
    return table


def papers(table, language="zh"):
    with reading() as session:
        return {form.name: form for form in forms_of(record(session, table), language)}


def words(form):
    """Everything a paper says."""
    said = [text for pair in form.fields for text in pair]
    for part in form.parts:
        said += [part.head, *(text for line in part.lines for text in (line.text, line.said))]
        said += [cell for row in part.rows for cell in row]
    return "\n".join(said)


def test_at_the_beginning_there_is_the_receipt_and_the_address(known):
    found = papers(known)
    assert set(found) == {"application-receipt", "address-confirmation-a1"}
    assert "三十日" in words(found["application-receipt"])
    assert "陈建国" in words(found["application-receipt"])
    address = found["address-confirmation-a1"]
    assert (address.reader, address.signers) == ("a1", ("陈建国（签名）",))
    assert "温州市瓯海区人民路1号" in words(address)


def test_rights_and_facts_say_who_confirmed_them_and_where_in_the_film(known):
    known.walk("negotiation")
    found = papers(known)
    told = found["rights-notice"].parts[0].lines
    assert len(told) == 11
    assert all("陈建国，录像 00:0" in line.said and "王经理" in line.said for line in told)
    facts = found["undisputed-facts"].parts[0].rows
    assert [row[1] for row in facts[1:]] == ["借款三十四万元"]
    assert "陈建国，录像 00:00:" in facts[1][2]


def test_a_mediation_without_agreement_keeps_concessions_to_itself(known):
    known.walk("agreement")
    known.act("m", "finish", outcome="too_far_apart", reason="他最多给三十万")
    found = papers(known)
    text = words(found["no-agreement"])
    assert "双方分歧较大" in text
    assert "借款三十四万元" in text
    assert "约定利息" in text
    for conceded in ("三十万", "340,000 元，分", "第1版", "7 期", "七期"):
        assert conceded not in text
    assert "judicial-confirmation" not in found


def test_a_sealed_agreement_can_be_taken_to_the_court(known):
    known.walk("signing")
    for seat in ("a1", "r1", "m"):
        known.sign(seat)
    found = papers(known)
    form = found["judicial-confirmation"]
    assert "第二百零五条" in words(form)
    assert len(form.signers) == 2
    served = found["service-receipt"]
    assert "可以查阅" in words(served)
    assert served.signers == ("陈建国（签名）", "王经理（签名）")
    assert "no-agreement" not in found


def test_every_paper_can_be_printed_in_both_languages(known):
    known.walk("signing")
    for seat in ("a1", "r1", "m"):
        known.sign(seat)
    cache = known.bench.authority.cache
    chinese, english = papers(known), papers(known, "en")
    companion = english["agreement-en"]
    assert {form.kind for form in chinese.values()} == {
        form.kind for form in english.values() if form is not companion
    }
    for form in (*chinese.values(), *english.values()):
        assert render_form(form, cache).startswith(b"%PDF")
    assert all("for information only" in form.note for form in english.values())


def test_the_agreement_has_an_english_companion_and_no_second_chinese_text(known):
    known.walk("agreement")
    known.accept("a1", "r1")
    known.act("m", "prepare-agreement")
    companion = papers(known, "en")["agreement-en"]
    text = words(companion)
    assert "340,000.00 yuan are to be paid in all." in text
    assert known.state()["agreement"]["content_hash"] in text
    assert "being signed" in text
    plan = next(part for part in companion.parts if part.rows)
    assert len(plan.rows) == 1 + 7
    assert plan.rows[1][2] == "48,571.42"
    assert not [form for form in papers(known).values() if form.kind == "agreement"]


def test_the_catalogue_counts_what_lies_in_the_file(known):
    with reading() as session:
        form = catalogue(record(session, known), [("调解笔录", "data/minutes/r.pdf", "ab" * 32)])
    head, row = form.parts[0].rows
    assert row == ("1", "调解笔录", "data/minutes/r.pdf", "ab" * 8)
    assert len(head) == 4
    assert replace(form, day=clock.today()).name == "catalogue"
