"""Who works here: list, create, deactivate; it does not know how a login is proved."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, g, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from odr import audit, clock
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity import service, specialties
from odr.identity.models import Person
from odr.identity.rights import Role
from odr.identity.service import NewStaff
from odr.web import desk, forms
from odr.web.auth import requires
from odr.web.house import ctx, language

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

STAFF = (Role.MEDIATOR, Role.CLERK, Role.COURT, Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True)
class Secret:
    """What is shown once to the administrator, to be handed over in person."""

    login_name: str
    password: str
    totp: str


@blueprint.get("", strict_slashes=False)
@requires(Role.ADMIN)
def people() -> str:
    """Everybody who works here."""
    with reading() as session:
        return _page(session, None)


@blueprint.post("/people")
@requires(Role.ADMIN)
def create() -> str:
    """A new mediator, clerk or other member of staff; password and secret are shown this once."""
    wanted = _new_staff()
    with transaction() as session:
        person, password, totp = service.add_staff(session, ctx(), wanted)
        body = {"person": str(person.id), "role": wanted.role.value}
        actor = audit.Actor.person(g.person.id)
        audit.record(session, audit.Fact("staff:created", actor, clock.now(), None, body))
        return _page(session, Secret(wanted.login_name, password, totp))


@blueprint.post("/people/<uuid:person_id>/deactivate")
@requires(Role.ADMIN)
def deactivate(person_id: UUID) -> Response:
    """She can no longer sign in; what she has done stays."""
    if person_id == g.person.id:
        raise Refused("desk.not-yourself")
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None or person.role not in STAFF:
            raise NotFound
        service.deactivate(session, person, clock.now())
        body = {"person": str(person.id)}
        actor = audit.Actor.person(g.person.id)
        audit.record(session, audit.Fact("staff:deactivated", actor, clock.now(), None, body))
    return redirect("/admin")


def _new_staff() -> NewStaff:
    role = request.form.get("role", "")
    if role not in STAFF:
        raise Refused("desk.unknown-role")
    words = forms.text("specialties", ("专长", "specialties"), most=300, needed=False)
    return NewStaff(
        login_name=forms.text("login_name", ("登录名", "login name"), most=60),
        name=forms.text("name", ("姓名", "name"), most=60),
        role=Role(role),
        password=None,
        specialties=[word.strip() for word in re.split("[,，、]", words) if word.strip()],
        firm=forms.text("firm", ("机构", "firm"), most=120, needed=False),
        profile="",
    )


def _page(session: Session, secret: Secret | None) -> str:
    people = session.scalars(select(Person).where(Person.role.in_(STAFF)))
    found = sorted(people, key=lambda person: (person.role, person.name))  # names stand sealed
    rows = [
        {
            "person": person,
            "role": desk.role_name(Role(person.role)),
            "specialties": "、".join(person.specialties),
        }
        for person in found
    ]
    return desk.page(
        "admin/people.html",
        people=rows,
        secret=secret,
        roles=[(role.value, desk.role_name(role)) for role in STAFF],
        specialties=[specialties.name(one.key, language()) for one in specialties.ALL],
    )
