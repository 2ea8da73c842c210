import pytest
from sqlalchemy import select

from odr.cases import service as cases
from odr.cases.models import Invitation
from odr.db import transaction
from odr.errors import NotFound, Refused
from tests.people import PRIVATE_LENDING, RESPONDENT, later

URL = "https://odr.example/"


def invited(session, ctx, cast):
    case = cases.file(session, ctx, cast.applicant, PRIVATE_LENDING)
    party = case.parties[1]
    url = cases.invite(session, ctx, party, cast.clerk, URL)
    return party, url.rpartition("/")[2]


def refusal(verb, *arguments) -> str:
    with pytest.raises(Refused) as refused:
        verb(*arguments)
    return refused.value.key


def test_a_link_is_texted_to_the_party_and_only_its_hash_is_kept(ctx, cast, texts):
    with transaction() as session:
        _, token = invited(session, ctx, cast)
        phone, words = texts.sent[-1]
        assert phone == RESPONDENT[1]
        assert f"https://odr.example/i/{token} " in words
        assert token not in session.scalars(select(Invitation.token_hash)).one()


def test_a_link_seats_the_person_whose_phone_was_invited_once(ctx, cast):
    with transaction() as session:
        party, token = invited(session, ctx, cast)
        assert cases.open_invitation(session, ctx, token) is party
        assert cases.use_invitation(session, ctx, token, cast.respondent) is party
        assert party.person_id == cast.respondent.id
        assert (
            refusal(cases.use_invitation, session, ctx, token, cast.respondent) == "cases.link-used"
        )


def test_another_phone_is_refused_and_the_link_stays_good(ctx, cast):
    with transaction() as session:
        party, token = invited(session, ctx, cast)
        assert (
            refusal(cases.use_invitation, session, ctx, token, cast.charlie) == "cases.other-phone"
        )
        assert party.person_id is None
        cases.use_invitation(session, ctx, token, cast.respondent)


def test_a_new_link_revokes_the_old_one_and_links_can_be_revoked(ctx, cast):
    with transaction() as session:
        party, first = invited(session, ctx, cast)
        second = cases.invite(session, ctx, party, cast.clerk, URL).rpartition("/")[2]
        assert refusal(cases.open_invitation, session, ctx, first) == "cases.link-revoked"
        cases.revoke_invitations(session, ctx, party, cast.clerk)
        assert refusal(cases.open_invitation, session, ctx, second) == "cases.link-revoked"


def test_a_link_lasts_seven_days(ctx, cast):
    with transaction() as session:
        _, token = invited(session, ctx, cast)
        cases.open_invitation(session, later(ctx, days=6, hours=23), token)
        assert (
            refusal(cases.open_invitation, session, later(ctx, days=7), token)
            == "cases.link-expired"
        )


def test_an_unknown_link_is_nothing(ctx, cast):
    with transaction() as session, pytest.raises(NotFound):
        cases.open_invitation(session, ctx, "guessed")


def test_nobody_is_invited_to_a_case_that_is_over(ctx, cast):
    with transaction() as session:
        party, _ = invited(session, ctx, cast)
        cases.return_(session, ctx, party.case, cast.clerk, "不受理")
        assert refusal(cases.invite, session, ctx, party, cast.clerk, URL) == "cases.is-over"
