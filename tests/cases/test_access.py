from dataclasses import replace
from uuid import uuid4

import pytest

from odr.cases import access
from odr.cases import service as cases
from odr.db import transaction
from odr.errors import NotFound, Refused
from odr.identity.rights import Right
from tests.people import PRIVATE_LENDING, make_case


def test_parties_mediator_clerk_and_court_are_let_in(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        for person in (cast.applicant, cast.respondent, cast.mediator, cast.clerk, cast.court):
            assert access.case_for(session, person, case.id, Right.SEE_CASE) is case
            assert access.cases_of(session, person) == [case]


def test_a_stranger_never_learns_that_the_case_exists(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        for case_id in (case.id, uuid4()):
            with pytest.raises(NotFound) as hidden:
                access.case_for(session, cast.charlie, case_id, Right.SEE_CASE)
            assert hidden.value.key == "common.not-found"
        assert access.cases_of(session, cast.charlie) == []


def test_another_case_s_mediator_and_an_inactive_person_are_strangers(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        case.mediator_id = uuid4()
        session.flush()
        with pytest.raises(NotFound):
            access.case_for(session, cast.mediator, case.id, Right.SEE_CASE)
        clerk = session.merge(cast.clerk)
        clerk.active = False
        with pytest.raises(NotFound):
            access.case_for(session, clerk, case.id, Right.SEE_CASE)


def test_who_may_see_may_not_therefore_do(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        for person, right in (
            (cast.applicant, Right.PREPARE_CASE),
            (cast.court, Right.JOIN),
            (cast.mediator, Right.PREPARE_CASE),
            (cast.clerk, Right.SIGN),
        ):
            with pytest.raises(Refused):
                access.case_for(session, person, case.id, right)


def test_a_person_finds_her_own_seat(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        assert access.party_of(case, cast.respondent).side == "respondent"
        assert access.party_of(case, cast.charlie) is None


def test_the_newest_case_comes_first(ctx, cast):
    with transaction() as session:
        old = make_case(session, ctx, cast)
        filing = replace(PRIVATE_LENDING, claim="再还一笔")
        new = cases.file(session, replace(ctx, now=ctx.now.replace(hour=9)), cast.applicant, filing)
        assert access.cases_of(session, cast.applicant) == [new, old]
