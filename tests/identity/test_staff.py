import pytest

from odr.db import transaction
from odr.errors import Refused
from odr.identity import service
from odr.identity.rights import Role
from odr.identity.service import NewStaff
from tests.people import PASSWORD, later


def login(ctx, cast, **changes):
    wanted = {"name": "zhou.min", "password": PASSWORD, "totp": cast.code(ctx.now), **changes}
    with transaction() as session:
        return service.staff_login(session, ctx, wanted["name"], wanted["password"], wanted["totp"])


def test_password_and_code_let_in(ctx, cast):
    assert login(ctx, cast).person.id == cast.mediator.id
    assert login(
        later(ctx, minutes=1), cast, name=" ZHOU.min ", totp=cast.code(later(ctx, minutes=1).now)
    ).person


@pytest.mark.parametrize("wrong", [{"name": "nobody"}, {"password": "wrong"}, {"totp": "abc"}])
def test_one_sentence_for_whatever_is_wrong(ctx, cast, wrong):
    result = login(ctx, cast, **wrong)
    assert (result.person, result.refusal.key) == (None, "identity.login-wrong")


def test_a_used_code_is_refused_and_the_next_one_works(ctx, cast):
    login(ctx, cast)
    assert login(ctx, cast).refusal.key == "identity.totp-used"
    soon = later(ctx, seconds=30)
    assert login(soon, cast, totp=cast.code(soon.now)).person is not None
    assert login(soon, cast, totp=cast.code(ctx.now)).refusal.key == "identity.totp-used"


def test_a_clock_may_be_off_by_one_step_only(ctx, cast):
    assert login(ctx, cast, totp=cast.code(later(ctx, seconds=90).now)).refusal is not None
    assert login(ctx, cast, totp=cast.code(later(ctx, seconds=30).now)).person is not None


def test_failures_make_the_next_try_wait_and_a_success_forgets_them(ctx, cast):
    for _ in range(5):
        login(ctx, cast, password="wrong")
    assert login(ctx, cast).refusal.key == "identity.login-wait"
    soon = later(ctx, seconds=17)
    assert login(soon, cast, totp=cast.code(soon.now)).person is not None
    soon = later(ctx, seconds=60)
    assert login(soon, cast, password="wrong").refusal.key == "identity.login-wrong"


def test_who_is_deactivated_is_out_at_once(ctx, cast):
    with transaction() as session:
        person = session.merge(cast.mediator)
        opened = service.open_session(session, ctx, person)
        service.deactivate(session, person, ctx.now)
        assert service.session_of(session, ctx, opened.token) is None
    assert login(ctx, cast).refusal.key == "identity.login-wrong"


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (NewStaff("zhou.min", "周敏", Role.CLERK), "identity.login-name-taken"),
        (NewStaff("", "周敏", Role.CLERK), "identity.login-name-form"),
        (NewStaff("two words", "周敏", Role.CLERK), "identity.login-name-form"),
        (NewStaff("new", " ", Role.CLERK), "identity.name-missing"),
        (NewStaff("new", "新", Role.PARTY), "identity.not-staff"),
        (NewStaff("new", "新", Role.CLERK, "short"), "identity.password-short"),
    ],
)
def test_what_cannot_be_created_is_refused(ctx, cast, wanted, key):
    with transaction() as session:
        with pytest.raises(Refused) as refused:
            service.add_staff(session, ctx, wanted)
        assert refused.value.key == key


def test_secrets_are_not_kept_in_the_open_and_specialties_get_one_name(ctx, cast):
    with transaction() as session:
        wanted = NewStaff("li.na", "李娜", Role.MEDIATOR, None, ["ip", "证券"])
        person, password, totp = service.add_staff(session, ctx, wanted)
        assert person.password_hash.startswith("$argon2id$")
        assert password not in person.password_hash
        assert totp.encode() not in person.totp_cipher
        assert person.specialties == ["知识产权", "证券"]


def test_a_sample_lawyer_cannot_log_in(ctx, cast):
    with transaction() as session:
        wanted = NewStaff("sample.lu", "陆思远", Role.MEDIATOR, None, ["finance"])
        service.add_sample(session, ctx, wanted)
    assert login(ctx, cast, name="sample.lu", password="").refusal.key == "identity.login-wrong"
