from dataclasses import dataclass, replace

import pytest

from odr import audit
from odr.db import transaction
from odr.errors import Refused
from odr.identity import service
from odr.identity.gateways import CardAnswer
from odr.identity.models import Person
from tests.people import APPLICANT, CHARLIE, NOW


@dataclass
class Registry:
    answer: CardAnswer

    def check(self, name: str, number: str) -> CardAnswer:  # noqa: ARG002 -- the port
        return self.answer


def number_of(first: str) -> str:
    from odr.identity.idcard import check_digit

    return first + check_digit(first)


@pytest.fixture
def newcomer(ctx) -> Person:
    with transaction() as session:
        person = Person(role="party", created_at=NOW)
        session.add(person)
    return person


def register(ctx, person, name="王芳", number=None):
    with transaction() as session:
        row = session.merge(person)
        service.register(session, ctx, row, name, number or number_of("33030419900101142"))
    return row


def test_registration_reaches_level_one_and_is_recorded_without_the_number(ctx, newcomer):
    row = register(ctx, newcomer, "  王 芳 ")
    assert (row.name, row.level, row.id_kind) == ("王 芳", "I1", "resident")
    number = service.id_number_of(ctx, row)
    assert number == number_of("33030419900101142")
    with transaction() as session:
        facts = session.query(audit.AuditRow).all()
        assert facts[-1].action == "person:registered"
        assert number not in str([fact.body for fact in facts])


@pytest.mark.parametrize(
    ("name", "first", "key"),
    [
        ("", "33030419900101142", "identity.name-missing"),
        ("王\u200b芳", "33030419900101142", "identity.name-form"),
        ("王" * 121, "33030419900101142", "identity.name-form"),
        ("王芳", "33030420200101142", "identity.minor"),
    ],
)
def test_what_cannot_be_registered_is_refused(ctx, newcomer, name, first, key):
    with pytest.raises(Refused) as refused:
        register(ctx, newcomer, name, number_of(first))
    assert refused.value.key == key


def test_the_number_of_somebody_else_is_refused_but_ones_own_may_be_repeated(ctx, cast, newcomer):
    with pytest.raises(Refused) as refused:
        register(ctx, newcomer, "陈国强", APPLICANT[2])
    assert refused.value.key == "identity.id-elsewhere"
    assert register(ctx, cast.charlie, *CHARLIE[::2]).level == "I1"


def test_a_registry_may_refute_but_is_not_needed(ctx, newcomer):
    with pytest.raises(Refused, match="do not belong together"):
        register(replace(ctx, cards=Registry(CardAnswer.MISMATCH)), newcomer)
    assert register(replace(ctx, cards=Registry(CardAnswer.MATCH)), newcomer).level == "I1"


def test_who_has_no_numbers_has_empty_ones(ctx, newcomer):
    assert (service.phone_of(ctx, newcomer), service.id_number_of(ctx, newcomer)) == ("", "")
