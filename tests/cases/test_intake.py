from dataclasses import replace
from datetime import timedelta

import pytest

from odr import audit
from odr.cases import service as cases
from odr.db import transaction
from odr.errors import Refused
from odr.identity.models import Person
from odr.identity.service import party_phone
from tests.people import APPLICANT, NOW, PRIVATE_LENDING, RESPONDENT


def test_a_filed_case_has_a_number_two_parties_and_a_fact(ctx, cast):
    with transaction() as session:
        case = cases.file(session, ctx, cast.applicant, PRIVATE_LENDING)
        applicant, respondent = case.parties
        assert (case.status, case.case_no) == ("FILED", "（2026）浙0304民调00001号")
        assert (applicant.person_id, applicant.name) == (cast.applicant.id, APPLICANT[0])
        assert (respondent.person_id, party_phone(ctx, respondent)) == (None, RESPONDENT[1])
        (fact,) = audit.of_case(session, case.id)
        assert (fact.action, fact.actor) == ("case:filed", f"person:{cast.applicant.id}")
        assert RESPONDENT[0] not in str(fact.body)


def test_numbers_run_on_and_begin_anew_each_year_of_shanghai(ctx, cast):
    new_year = replace(ctx, now=NOW.replace(year=2026, month=12, day=31, hour=16))
    with transaction() as session:
        made = [
            cases.file(session, at, cast.applicant, PRIVATE_LENDING) for at in (ctx, ctx, new_year)
        ]
        assert [case.case_no[1:5] + case.case_no[-6:-1] for case in made] == [
            "202600001",
            "202600002",
            "202700001",
        ]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"cause": "witchcraft"}, "cases.unknown-cause"),
        ({"claim": "  "}, "cases.claim-missing"),
        ({"respondent_name": ""}, "cases.respondent-missing"),
        ({"amount_fen": -1}, "cases.amount"),
        ({"respondent_phone": APPLICANT[1]}, "cases.own-phone"),
    ],
)
def test_what_cannot_be_filed_is_refused(ctx, cast, change, key):
    with transaction() as session:
        with pytest.raises(Refused) as refused:
            cases.file(session, ctx, cast.applicant, replace(PRIVATE_LENDING, **change))
        assert refused.value.key == key


def test_only_a_registered_person_files(ctx):
    with transaction() as session:
        nobody = Person(role="party", level="I0", name="", created_at=NOW)
        with pytest.raises(Refused, match="register"):
            cases.file(session, ctx, nobody, PRIVATE_LENDING)


def test_a_case_is_accepted_once(ctx, cast):
    with transaction() as session:
        case = cases.file(session, ctx, cast.applicant, PRIVATE_LENDING)
        later = replace(ctx, now=NOW + timedelta(hours=1))
        cases.accept(session, later, case, cast.clerk)
        assert (case.status, case.accepted_at, case.clerk_id) == (
            "ACCEPTED",
            later.now,
            cast.clerk.id,
        )
        with pytest.raises(Refused):
            cases.accept(session, later, case, cast.clerk)


def test_a_case_is_returned_with_a_reason(ctx, cast):
    with transaction() as session:
        case = cases.file(session, ctx, cast.applicant, PRIVATE_LENDING)
        with pytest.raises(Refused):
            cases.return_(session, ctx, case, cast.clerk, " ")
        cases.return_(session, ctx, case, cast.clerk, "不属于受理范围")
        assert (case.status, case.outcome_reason) == ("RETURNED", "不属于受理范围")
