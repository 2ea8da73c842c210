from dataclasses import replace
from datetime import timedelta

import pytest

from odr.cases import service as cases
from odr.db import transaction
from odr.errors import Refused
from odr.identity import service
from odr.identity.rights import Role
from odr.identity.service import NewStaff
from tests.people import NOW, PRIVATE_LENDING, make_case

HOUR = NOW + timedelta(days=1)


def second_case(session, ctx, cast):
    """The same mediator, other people."""
    case = cases.file(
        session, ctx, cast.charlie, replace(PRIVATE_LENDING, respondent_phone="13612345678")
    )
    cases.accept(session, ctx, case, cast.clerk)
    return case


def test_the_specialist_comes_first_then_the_least_busy(ctx, cast):
    with transaction() as session:
        for login, field in (("a", "ip"), ("b", "private_lending")):
            wanted = NewStaff(login, login, Role.MEDIATOR, None, [field])
            service.add_sample(session, ctx, wanted)
        make_case(session, ctx, cast)
        case = second_case(session, ctx, cast)
        found = cases.suggest_mediators(session, case)
        assert [person.name for person, _ in found] == ["b", "周敏", "a"]
        assert found[0][1] == "专长：民间借贷；手上 0 件"


def test_only_an_active_mediator_gets_a_case(ctx, cast):
    with transaction() as session:
        case = second_case(session, ctx, cast)
        with pytest.raises(Refused):
            cases.assign(session, ctx, case, cast.clerk, cast.clerk)
        mediator = session.merge(cast.mediator)
        mediator.active = False
        with pytest.raises(Refused):
            cases.assign(session, ctx, case, mediator, cast.clerk)


def test_an_hour_is_appointed_and_a_new_one_cancels_it(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        cases.schedule(session, ctx, case, HOUR, cast.clerk)
        assert case.status == "SCHEDULED"
        cases.schedule(session, ctx, case, HOUR + timedelta(minutes=30), cast.clerk)
        assert [hearing.status for hearing in case.hearings] == ["cancelled", "appointed"]


def test_nobody_sits_in_two_rooms_at_once(ctx, cast):
    with transaction() as session:
        cases.schedule(session, ctx, make_case(session, ctx, cast), HOUR, cast.clerk)
        other = second_case(session, ctx, cast)
        cases.assign(session, ctx, other, cast.mediator, cast.clerk)
        with pytest.raises(Refused, match="busy"):
            cases.schedule(session, ctx, other, HOUR + timedelta(minutes=59), cast.clerk)
        cases.schedule(session, ctx, other, HOUR + timedelta(minutes=60), cast.clerk)


def test_an_hour_needs_a_mediator_and_a_case_that_was_accepted(ctx, cast):
    with transaction() as session:
        case = cases.file(session, ctx, cast.applicant, PRIVATE_LENDING)
        with pytest.raises(Refused):
            cases.schedule(session, ctx, case, HOUR, cast.clerk)
        cases.accept(session, ctx, case, cast.clerk)
        with pytest.raises(Refused, match="assign"):
            cases.schedule(session, ctx, case, HOUR, cast.clerk)


def test_an_hour_in_the_past_is_refused(ctx, cast):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        with pytest.raises(Refused, match="past"):
            cases.schedule(session, ctx, case, NOW - timedelta(days=1), cast.clerk)
