from odr.db import transaction
from odr.identity import service
from odr.identity.models import WebSession
from tests.people import later


def test_a_cookie_is_recognised_and_not_kept_itself(ctx, cast):
    with transaction() as session:
        opened = service.open_session(session, ctx, cast.applicant)
        person, row = service.session_of(session, ctx, opened.token)
        assert person.id == cast.applicant.id
        assert row.csrf == opened.csrf
        assert session.get(WebSession, opened.token) is None
        assert service.session_of(session, ctx, "something else") is None


def test_an_idle_session_ends_unless_touched_and_none_lasts_longer_than_twelve_hours(ctx, cast):
    with transaction() as session:
        token = service.open_session(session, ctx, cast.applicant).token
        _, row = service.session_of(session, later(ctx, minutes=90), token)
        assert service.session_of(session, later(ctx, minutes=91), token) is None
        for minutes in range(60, 720, 60):
            service.touch(row, later(ctx, minutes=minutes).now)
        assert service.session_of(session, later(ctx, minutes=719), token) is not None
        assert service.session_of(session, later(ctx, minutes=720), token) is None


def test_a_closed_session_is_over(ctx, cast):
    with transaction() as session:
        token = service.open_session(session, ctx, cast.applicant).token
        service.close_session(session, ctx, token)
        service.close_session(session, ctx, "unknown")
        assert service.session_of(session, ctx, token) is None


def test_a_step_up_lasts_ten_minutes(ctx, cast):
    with transaction() as session:
        token = service.open_session(session, ctx, cast.applicant).token
        _, row = service.session_of(session, ctx, token)
        assert service.stepped_up(row, ctx.now) is False
        service.step_up(session, row, ctx.now)
        assert service.stepped_up(row, later(ctx, minutes=10).now) is True
        assert service.stepped_up(row, later(ctx, minutes=10, seconds=1).now) is False


def test_secrets_do_not_show(ctx, cast):
    with transaction() as session:
        opened = service.open_session(session, ctx, cast.applicant)
    assert opened.token not in repr(opened)
