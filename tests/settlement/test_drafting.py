"""Versions, authors, yes and no to the whole and to single clauses: what counts after an edit and what does not."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from odr.audit import AuditRow
from odr.errors import Refused
from odr.settlement import drafting
from odr.settlement.clauses import clauses
from odr.settlement.drafting import ACCEPT, OBJECT, Said
from odr.settlement.register import versions
from odr.settlement.terms import terms_from_json, to_json
from tests.settlement.conftest import NOW, make_terms

APOLOGY = "被申请人当面道歉。"


@pytest.fixture
def draft(session, people):
    """The table with the first version on it."""
    return Draft(session, people)


class Draft:
    def __init__(self, session, people):
        self.session, self.people, self.now = session, people, NOW
        self.applicant, self.respondent = people.parties
        self.newest = self.propose(make_terms())

    def propose(self, terms, by=None):
        self.now += timedelta(seconds=1)
        self.newest = drafting.propose(
            self.session, self.people.case, to_json(terms), by or self.people.mediator, self.now
        )
        return self.newest

    def clause(self, key):
        found = clauses(terms_from_json(self.newest.terms))
        return next(one for one in found if one.key == key)

    def say(self, party, answer, key, /, **changes):
        self.now += timedelta(seconds=1)
        said = Said(party, answer, self.clause(key).digest, clause=key)
        return drafting.answer_clause(self.session, self.newest, replace(said, **changes), self.now)

    def whole(self, party, answer=ACCEPT, version=None, **changes):
        version = version or self.newest
        said = replace(Said(party, answer, version.text_hash), **changes)
        return drafting.answer(self.session, version, said, self.now)

    def written(self):
        return drafting.written(versions(self.session, self.people.case.id))

    def standing(self):
        return {
            (party, row.clause): row.answer
            for (party, _), row in drafting.standing(self.session, self.newest).items()
        }


def refused(work, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        work(*args, **kwargs)
    return caught.value


def test_answers_to_old_or_changed_text_are_refused(draft):
    old = draft.newest
    changed = refused(draft.whole, draft.applicant, digest="0" * 64)
    assert changed.key == "settlement.text-changed"
    draft.propose(make_terms())
    late = refused(draft.whole, draft.applicant, version=old)
    assert late.key == "settlement.proposal-superseded"


def test_one_no_is_enough(draft):
    for party in (draft.applicant, draft.respondent):
        draft.whole(party)
    assert drafting.accepted_by_all(draft.newest, draft.people.parties)
    draft.whole(draft.respondent, OBJECT, reason="太多")
    assert not drafting.accepted_by_all(draft.newest, draft.people.parties)
    assert not drafting.accepted_by_all(draft.newest, [])


def test_a_forbidden_clause_is_refused_with_its_words(draft):
    forbidden = replace(make_terms(), penalty="如违约由人民法院判决")
    assert "由人民法院判决" in refused(draft.propose, forbidden).sentence()


def test_an_edit_undoes_what_was_said_to_the_changed_clause_alone(draft):
    draft.say(draft.respondent, ACCEPT, "total")
    draft.say(draft.respondent, OBJECT, "penalty", reason="太高")
    draft.propose(replace(make_terms(), penalty="逾期部分按年利率6%支付违约金"))
    assert draft.standing() == {(draft.respondent, "total"): ACCEPT}


def test_an_edit_undoes_every_acceptance_of_the_whole(draft):
    for party in draft.people.parties:
        draft.whole(party)
    draft.propose(replace(make_terms(), method="现金"))
    assert not drafting.accepted_by_all(draft.newest, draft.people.parties)


def test_who_objects_to_a_clause_cannot_accept_the_whole(draft):
    draft.say(draft.respondent, OBJECT, "penalty")
    answer = refused(draft.whole, draft.respondent)
    assert answer.key == "settlement.clause-objected"
    assert "12%" in answer.sentence()
    draft.whole(draft.applicant)
    draft.say(draft.respondent, ACCEPT, "penalty")
    draft.whole(draft.respondent)
    assert drafting.accepted_by_all(draft.newest, draft.people.parties)


def test_an_objection_stands_in_the_next_version_when_the_clause_was_not_touched(draft):
    draft.say(draft.respondent, OBJECT, "penalty")
    draft.propose(replace(make_terms(), method="现金"))
    assert refused(draft.whole, draft.respondent).key == "settlement.clause-objected"


def test_a_no_to_one_clause_undoes_her_own_yes_to_the_whole(draft):
    for party in draft.people.parties:
        draft.whole(party)
    draft.say(draft.respondent, OBJECT, "plan", reason="太快")
    said = {row.party_id: (row.answer, row.reason) for row in draft.newest.answers}
    assert said == {draft.applicant: (ACCEPT, ""), draft.respondent: (OBJECT, "太快")}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"digest": "0" * 64}, "settlement.clause-changed"),
        ({"clause": "extra-00000000"}, "settlement.clause-changed"),
        ({"answer": "perhaps"}, "settlement.answer-unknown"),
    ],
)
def test_a_clause_that_is_not_there_cannot_be_answered(draft, changes, key):
    assert refused(draft.say, draft.respondent, ACCEPT, "total", **changes).key == key
    assert draft.standing() == {}


def test_a_clause_of_an_old_version_cannot_be_answered(draft):
    old = draft.newest
    draft.propose(replace(make_terms(), method="现金"))
    said = Said(draft.respondent, ACCEPT, draft.clause("total").digest, clause="total")
    answer = refused(drafting.answer_clause, draft.session, old, said, NOW)
    assert answer.key == "settlement.proposal-superseded"


def test_each_clause_has_the_author_of_its_present_words(draft):
    clerk = SimpleNamespace(id=uuid4())
    draft.propose(replace(make_terms(), method="现金"), by=clerk)
    draft.propose(replace(make_terms(), method="现金", extra=(APOLOGY,)))
    by = {
        key: (version.number, version.by_person)
        for key in ("total", "method")
        for version in [draft.written()[draft.clause(key).digest]]
    }
    assert by == {"total": (1, draft.people.mediator.id), "method": (2, clerk.id)}


def test_a_clause_that_comes_back_counts_from_when_it_came_back(draft):
    draft.propose(replace(make_terms(), penalty=""))
    draft.propose(make_terms())
    version = draft.written()[draft.clause("penalty").digest]
    assert version.number == 3


def test_what_was_said_is_in_the_log_with_the_digest(draft):
    draft.say(draft.respondent, OBJECT, "penalty", reason="太高")
    row = draft.session.scalars(select(AuditRow).order_by(AuditRow.seq.desc())).first()
    assert row.action == "clause:answered"
    assert row.body["digest"] == draft.clause("penalty").digest
    assert "太高" not in str(row.body)
