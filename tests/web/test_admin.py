import re
from uuid import uuid4

import pytest

from odr.db import reading
from odr.identity.models import Person
from tests.web.desk_cast import Cast, cast

__all__ = ["cast"]

NEW = {
    "role": "mediator",
    "name": "何立",
    "login_name": "heli",
    "specialties": "建设工程，知识产权",
}


@pytest.mark.parametrize(
    "name", ["applicant", "respondent", "charlie", "mediator", "clerk", "court"]
)
def test_nobody_else_knows_of_the_people_page(cast: Cast, name: str):
    assert cast.get(name, "/admin").status_code == 404
    assert cast.post(name, "/admin/people", **NEW).status_code == 404


def test_password_and_secret_of_a_new_mediator_are_shown_once(cast: Cast):
    page = cast.post("admin", "/admin/people", **NEW).text
    password = re.search(r'id="new-password">([^<]+)<', page)
    totp = re.search(r'id="new-totp">([^<]+)<', page)
    assert password
    assert totp
    later = cast.get("admin", "/admin").text
    assert "何立" in later
    assert password[1] not in later
    assert totp[1] not in later
    with cast.app.app_context(), reading() as session:
        person = session.query(Person).filter_by(login_name="heli").one()
        assert person.specialties == ["建设工程", "知识产权"]


@pytest.mark.parametrize("role", ["party", "", "king"])
def test_only_roles_of_staff_are_made_here(cast: Cast, role: str):
    assert cast.post("admin", "/admin/people", **{**NEW, "role": role}).status_code == 409


@pytest.mark.parametrize("change", [{"name": ""}, {"login_name": ""}])
def test_a_person_needs_name_and_login(cast: Cast, change: dict[str, str]):
    assert cast.post("admin", "/admin/people", **{**NEW, **change}).status_code == 409


def test_a_login_name_is_given_once(cast: Cast):
    assert cast.post("admin", "/admin/people", **NEW).status_code == 200
    assert cast.post("admin", "/admin/people", **NEW).status_code == 409


def test_who_is_deactivated_is_out_at_once(cast: Cast):
    clerk = cast.people["clerk"]
    assert cast.post("admin", f"/admin/people/{clerk}/deactivate").status_code == 302
    assert cast.get("clerk", "/c").status_code == 302
    assert "已停用" in cast.get("admin", "/admin").text


def test_an_administrator_cannot_lock_herself_out(cast: Cast):
    own = cast.people["admin"]
    assert cast.post("admin", f"/admin/people/{own}/deactivate").status_code == 409


@pytest.mark.parametrize("who", ["applicant", "nobody"])
def test_only_staff_is_deactivated_here(cast: Cast, who: str):
    person = cast.people.get(who, uuid4())
    assert cast.post("admin", f"/admin/people/{person}/deactivate").status_code == 404
