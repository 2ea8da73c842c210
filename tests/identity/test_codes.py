from uuid import uuid4

import pytest
from sqlalchemy import func, select

from odr.db import reading, transaction
from odr.errors import Refused
from odr.identity import service
from odr.identity.models import CodeAttempt, Person
from tests.people import APPLICANT, later

PHONE = "13600136006"


def ask(ctx, phone=PHONE, ip="10.0.0.1"):
    with transaction() as session:
        return service.ask_code(session, ctx, phone, purpose="login", ip=ip)


def confirm(ctx, attempt, code):
    with transaction() as session:
        return service.confirm_code(session, ctx, attempt, code)


def wrong_of(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_makes_a_party_of_an_unknown_phone_once(ctx, texts):
    first = confirm(ctx, ask(ctx), texts.code())
    assert (first.person.role, first.person.level, first.refusal) == ("party", "I0", None)
    again = confirm(later(ctx, minutes=2), ask(later(ctx, minutes=2)), texts.code())
    assert again.person.id == first.person.id
    assert service.phone_of(ctx, again.person) == PHONE


def test_a_known_phone_gets_its_own_person(ctx, cast, texts):
    assert confirm(ctx, ask(ctx, APPLICANT[1]), texts.code()).person.id == cast.applicant.id


def test_wrong_tries_are_counted_and_the_sixth_is_refused_even_when_right(ctx, texts):
    attempt, code = ask(ctx), texts.code()
    left = [confirm(ctx, attempt, wrong_of(code)).refusal.values.get("left") for _ in range(5)]
    assert left == [4, 3, 2, 1, None]
    assert confirm(ctx, attempt, code).refusal.key == "identity.code-spent"


def test_a_code_works_once(ctx, texts):
    attempt = ask(ctx)
    confirm(ctx, attempt, texts.code())
    assert confirm(ctx, attempt, texts.code()).refusal.key == "identity.code-used"


def test_a_code_is_void_after_five_minutes(ctx, texts):
    attempt = ask(ctx)
    refusal = confirm(later(ctx, minutes=5), attempt, texts.code()).refusal
    assert refusal.key == "identity.code-expired"


def test_a_code_belongs_to_its_attempt(ctx, texts):
    first, code = ask(ctx), texts.code()
    second = ask(ctx, "13600136007")
    if texts.code() != code:
        assert confirm(ctx, second, code).refusal.key == "identity.code-wrong"
    assert confirm(ctx, uuid4(), code).refusal.key == "identity.code-unknown"
    assert confirm(ctx, first, f" {code} ").person is not None


def test_the_code_itself_is_not_kept(ctx, texts):
    attempt = ask(ctx)
    with reading() as session:
        row = session.get(CodeAttempt, attempt)
        assert texts.code() not in row.code_mac
        assert PHONE.encode() not in row.phone_cipher


def test_one_a_minute_five_an_hour_per_phone(ctx, texts):
    ask(ctx)
    with pytest.raises(Refused, match="wait 60 seconds"):
        ask(ctx)
    for minute in range(1, 5):
        ask(later(ctx, minutes=minute))
    with pytest.raises(Refused, match="At most 5"):
        ask(later(ctx, minutes=5))
    assert len(texts.sent) == 5


def test_twenty_an_hour_per_address(ctx, texts):
    for number in range(20):
        ask(ctx, f"136001360{number:02d}", "10.9.9.9")
    with pytest.raises(Refused, match="network"):
        ask(ctx, "13600136099", "10.9.9.9")
    ask(later(ctx, hours=1, seconds=1), "13600136099", "10.9.9.9")


def test_an_inactive_person_is_not_let_in(ctx, cast, texts):
    with transaction() as session:
        session.merge(cast.applicant).active = False
    assert confirm(ctx, ask(ctx, APPLICANT[1]), texts.code()).refusal.key == "identity.not-active"


def test_a_phone_that_belongs_to_staff_opens_no_side_door(ctx, cast, texts):
    with transaction() as session:
        session.merge(cast.clerk).phone_index = ctx.vault.index(PHONE)
    assert confirm(ctx, ask(ctx), texts.code()).refusal.key == "identity.staff-door"


def test_asking_makes_no_person(ctx, texts):
    ask(ctx)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0
