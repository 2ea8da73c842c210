import json
import re

import pytest

from odr.cases.evidence import Upload, add_evidence
from odr.cases.models import Case
from odr.db import transaction
from tests.web.desk_cast import ID, Cast, assigned, cast, sitting

__all__ = ["cast"]

NOT_MEDIATORS = ["applicant", "respondent", "charlie", "clerk", "court", "admin"]


def test_the_docket_shows_the_mediator_her_cases_and_no_other(cast: Cast):
    assert "00001" not in cast.get("mediator", "/m").text
    assigned(cast)
    page = cast.get("mediator", "/m").text
    assert "（2026）浙0304民调00001号" in page
    assert "今天" in page
    assert "00001" not in cast.get("stranger", "/m").text


@pytest.mark.parametrize("name", NOT_MEDIATORS)
def test_nobody_else_knows_of_the_docket(cast: Cast, name: str):
    assert cast.get(name, "/m").status_code == 404


def test_without_a_login_one_is_sent_to_the_door(cast: Cast):
    answer = cast.get("nobody", "/m")
    assert answer.status_code == 302
    assert answer.location.endswith("/staff")


@pytest.mark.parametrize(
    ("name", "status"),
    [("mediator", 200), ("stranger", 404), *((name, 404) for name in NOT_MEDIATORS)],
)
def test_only_its_mediator_opens_a_case(cast: Cast, name: str, status: int):
    assigned(cast)
    assert cast.get(name, f"/m/cases/{cast.case}").status_code == status


def test_the_case_page_masks_numbers(cast: Cast):
    assigned(cast)
    page = cast.get("mediator", f"/m/cases/{cast.case}").text
    assert "applicant-姓名" in page
    assert "13800000001" not in page


def test_evidence_is_given_byte_for_byte_and_only_here(cast: Cast):
    assigned(cast)
    with cast.app.app_context(), transaction() as session:
        case = session.get_one(Case, cast.case)
        upload = Upload("送货单", "note.pdf", b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF\n")
        party = case.parties[0]
        kept = add_evidence(session, cast.ctx(), case, party, upload, cast.settings.files_dir)
        path = f"cases/{cast.case}/evidence/{kept.id}"
    assert f"/m/{path}" in cast.get("mediator", f"/m/cases/{cast.case}").text
    assert cast.get("mediator", f"/m/{path}").data == upload.data
    assert cast.get("clerk", f"/c/{path}").data == upload.data
    for name in ("stranger", "charlie", "court", "admin"):
        assert cast.get(name, f"/m/{path}").status_code == 404
        assert cast.get(name, f"/c/{path}").status_code == 404
    assert cast.get("mediator", f"/m/cases/{cast.case}/agreement.pdf").status_code == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [("mediator", 200), ("stranger", 404), *((name, 404) for name in NOT_MEDIATORS)],
)
def test_only_its_mediator_sits_on_the_mediators_chair(cast: Cast, name: str, status: int):
    room = f"/m/sittings/{sitting(cast, closed=False)}/room"
    assert cast.get(name, room).status_code == status


def test_the_room_has_all_that_its_scripts_look_for(cast: Cast):
    page = cast.get("mediator", f"/m/sittings/{sitting(cast, closed=False)}/room").text
    for element in ("steps", "people", "tiles", "enter", "end", "adjourn", "terms", "pad"):
        assert page.count(f'id="{element}"') == 1
    words = json.loads(found(page, "words"))
    assert words["outcome-agreement"]
    items = json.loads(found(page, "script-items"))
    assert [item["key"] for item in items["identity-check"]] == ["myself", "alone"]
    paper = json.loads(found(page, "papers"))["a1"]
    assert paper["born"] == "1949-12-31"
    assert ID not in page
    assert "{" not in items["rights-notice"][0]["text"]


def found(page: str, name: str) -> str:
    match = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert match
    return match[1]


def test_a_closed_room_leads_to_its_case(cast: Cast):
    answer = cast.get("mediator", f"/m/sittings/{sitting(cast, closed=True)}/room")
    assert answer.status_code == 302
    assert answer.location == f"/m/cases/{cast.case}"


def test_no_element_is_named_twice(cast: Cast):
    page = cast.get("mediator", f"/m/sittings/{sitting(cast, closed=False)}/room").text
    names = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(names) == sorted(set(names))


def test_nothing_is_written_into_the_page_that_the_policy_forbids(cast: Cast):
    answer = cast.get("mediator", f"/m/sittings/{sitting(cast, closed=False)}/room")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*(src|application/json))", answer.text)


def test_the_room_speaks_english(cast: Cast):
    room = f"/m/sittings/{sitting(cast, closed=False)}/room"
    cast.client("mediator").set_cookie("lang", "en")
    page = cast.get("mediator", room).text
    assert "Enter the room" in page
    assert '<html lang="en">' in page
