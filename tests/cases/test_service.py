from datetime import timedelta

import pytest

from odr import audit
from odr.cases import consents as texts_of
from odr.cases import service as cases
from odr.cases.status import Outcome
from odr.db import transaction
from odr.errors import Refused
from tests.people import NOW, later, make_case


def agree(session, ctx, party, purpose="recording", language="zh"):
    version, _, digest = texts_of.text(purpose, language)
    return cases.give_consent(session, ctx, party, purpose, digest, version)


def test_a_consent_is_kept_once_with_the_hash_of_its_text(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        party = case.parties[0]
        first = agree(session, ctx, party)
        assert agree(session, later(ctx, minutes=1), party) is first
        assert first.given_at == NOW
        (kept,) = cases.consents(session, case)
        assert kept.text_hash == texts_of.text("recording", "zh")[2]
        facts = [fact.action for fact in audit.of_case(session, case.id)]
        assert facts.count("consent:given") == 1


def test_consent_to_an_unknown_text_is_refused(ctx, cast):
    with transaction() as session:
        party = make_case(session, ctx, cast).parties[0]
        with pytest.raises(Refused, match="changed"):
            cases.give_consent(session, ctx, party, "recording", "0" * 64, "2026-01")


def test_a_consent_can_be_taken_back_and_given_again(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        party = case.parties[0]
        agree(session, ctx, party)
        cases.withdraw_consent(session, ctx, party, "recording")
        assert cases.consents(session, case)[0].withdrawn_at == NOW
        again = agree(session, later(ctx, hours=1), party, language="en")
        assert (again.withdrawn_at, again.given_at) == (None, NOW + timedelta(hours=1))


def test_a_case_ends_in_one_of_eight_ways_and_only_once(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        cases.schedule(session, ctx, case, NOW + timedelta(hours=1), cast.clerk)
        cases.close(session, ctx, case, Outcome.UNWILLING, " 不愿调解 ", cast.mediator.id)
        assert (case.status, case.outcome, case.outcome_reason) == (
            "CLOSED",
            "unwilling",
            "不愿调解",
        )
        assert case.hearings[0].status == "cancelled"
        with pytest.raises(Refused):
            cases.close(session, ctx, case, Outcome.OTHER, "", None)


def test_a_closed_case_is_archived_once(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        with pytest.raises(Refused):
            cases.mark_archived(session, case, NOW)
        cases.close(session, ctx, case, Outcome.AGREEMENT, "", None)
        cases.mark_archived(session, case, NOW)
        cases.mark_archived(session, case, NOW + timedelta(days=1))
        assert (case.status, case.archived_at) == ("ARCHIVED", NOW)
        facts = [fact.action for fact in audit.of_case(session, case.id)]
        assert facts.count("case:archived") == 1
