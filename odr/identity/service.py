"""What other rooms may ask of identity, in one place; it decides nothing that a pure module could."""

import unicodedata
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, clock
from odr.errors import Refused
from odr.identity import idcard
from odr.identity.codes import PHONE, CodeResult, ask_code, confirm_code
from odr.identity.context import Ctx
from odr.identity.gateways import CardAnswer
from odr.identity.models import Person
from odr.identity.sessions import (
    OpenedSession,
    close_session,
    open_session,
    session_of,
    step_up,
    stepped_up,
    touch,
)
from odr.identity.staff import (
    LoginResult,
    NewStaff,
    add_sample,
    add_staff,
    deactivate,
    staff_login,
)
from odr.identity.vault import CASE_VERSION, KeyGone

__all__ = [
    "CodeResult",
    "LoginResult",
    "NewStaff",
    "OpenedSession",
    "add_sample",
    "add_staff",
    "ask_code",
    "close_session",
    "confirm_code",
    "deactivate",
    "id_number_of",
    "open_session",
    "party_phone",
    "phone_of",
    "register",
    "session_of",
    "staff_login",
    "step_up",
    "stepped_up",
    "touch",
]

ID_NUMBER = "id-number"
LONGEST_NAME = 120


class HasKey(Protocol):
    """A case with its wrapped key; None when the key was destroyed by law."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def data_key(self) -> bytes | None:
        """The wrapped key."""
        ...


class HasPhone(Protocol):
    """A row of a case that keeps a sealed telephone number."""

    @property
    def phone_cipher(self) -> bytes:
        """Sealed under the key of its case; older rows under the key of the installation."""
        ...

    @property
    def case(self) -> HasKey:
        """The case it belongs to."""
        ...


def register(session: Session, ctx: Ctx, person: Person, name: str, id_number: str) -> None:
    """Name and number of a party (level I1): consistent in itself, not refuted, nobody else's."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain:
        raise Refused("identity.name-missing")
    if len(plain) > LONGEST_NAME or any(unicodedata.category(c)[0] == "C" for c in plain):
        raise Refused("identity.name-form")
    checked = idcard.check_id_number(id_number, today=clock.local(ctx.now).date())
    if checked.minor:
        raise Refused("identity.minor")
    index = ctx.vault.index(checked.number)
    other = select(Person.id).where(Person.id_number_index == index, Person.id != person.id)
    if session.scalar(other) is not None:
        raise Refused("identity.id-elsewhere")
    answer = ctx.cards.check(plain, checked.number)
    if answer == CardAnswer.MISMATCH:
        raise Refused("identity.id-mismatch")
    person.name, person.id_kind, person.level = plain, checked.kind, "I1"
    person.id_number_cipher = ctx.vault.seal(checked.number, context=ID_NUMBER)
    person.id_number_index = index
    session.flush()
    body = {"person": str(person.id), "kind": checked.kind, "registry": answer.value}
    actor = audit.Actor.person(person.id)
    audit.record(session, audit.Fact("person:registered", actor, ctx.now, None, body))


def phone_of(ctx: Ctx, person: Person) -> str:
    """A person's mobile number, or "" when none is known."""
    return ctx.vault.open(person.phone_cipher, context=PHONE) if person.phone_cipher else ""


def id_number_of(ctx: Ctx, person: Person) -> str:
    """The number of a person's identity document, or ""."""
    cipher = person.id_number_cipher
    return ctx.vault.open(cipher, context=ID_NUMBER) if cipher else ""


def party_phone(ctx: Ctx, party: HasPhone) -> str:
    """The number under which a party of a case is reached, or "", also after its case key is gone."""
    cipher = party.phone_cipher
    if cipher[:1] != CASE_VERSION:
        return ctx.vault.open(cipher, context=PHONE) if cipher else ""
    if party.case.data_key is None:
        return ""
    try:
        own = ctx.vault.of_case(party.case.data_key, party.case.id)
    except KeyGone:
        return ""
    return own.open(cipher, context=PHONE)
