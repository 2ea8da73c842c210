import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import audit, clock, jobs
from odr.cases.models import Case
from odr.db import reading, transaction
from odr.mediation.models import Session as Sitting
from odr.recordings.manifest import OpenRecording
from tests.web.desk_cast import Cast, assigned, cast, film, film_row, sitting

__all__ = ["cast"]

NOT_CLERKS = ["applicant", "respondent", "charlie", "mediator", "stranger", "court", "admin"]


def actions(cast: Cast) -> list[str]:
    with cast.app.app_context(), reading() as session:
        return [row.action for row in audit.of_case(session, cast.case)]


def case_status(cast: Cast) -> str:
    with cast.app.app_context(), reading() as session:
        return session.get_one(Case, cast.case).status


@pytest.mark.parametrize("name", NOT_CLERKS)
def test_nobody_else_knows_of_the_clerks_desk(cast: Cast, name: str):
    room = sitting(cast, closed=True)
    film_id = film(cast, room, b"film")
    case = f"/c/cases/{cast.case}"
    for path in (
        "/c",
        case,
        f"{case}/audit",
        f"/c/films/{film_id}.mp4",
        f"/c/sittings/{room}/room",
    ):
        assert cast.get(name, path).status_code == 404
    for path in (f"{case}/accept", f"{case}/return", f"{case}/assign", f"{case}/invite"):
        assert cast.post(name, path, reason="x").status_code == 404
    assert cast.post(name, f"{case}/audit/check", sitting=str(room)).status_code == 404


def test_the_inbox_shows_what_is_to_be_accepted_and_finds_by_name(cast: Cast):
    assert "00001" in cast.get("clerk", "/c").text
    assert "00001" in cast.get("clerk", "/c?q=respondent-姓名").text
    assert "00001" not in cast.get("clerk", "/c?q=nobody-has-this-name").text


def test_the_clerk_prepares_a_case_from_application_to_appointment(cast: Cast):
    case = f"/c/cases/{cast.case}"
    assert cast.post("clerk", f"{case}/accept").status_code == 302
    assert case_status(cast) == "ACCEPTED"
    mediator = str(cast.people["mediator"])
    assert cast.post("clerk", f"{case}/assign", mediator=mediator).status_code == 302
    starts = clock.local(clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT14:30")
    assert cast.post("clerk", f"{case}/schedule", starts_at=starts).status_code == 302
    assert case_status(cast) == "SCHEDULED"
    with cast.app.app_context(), reading() as session:
        made = session.query(Sitting).filter_by(case_id=cast.case).one()
        assert [seat.key for seat in made.seats] == ["a1", "r1", "m", "c"]
        room = f"/c/sittings/{made.id}/room"
    assert room in cast.get("clerk", case).text


def test_a_case_is_returned_with_a_reason_only(cast: Cast):
    case = f"/c/cases/{cast.case}"
    refused = cast.post("clerk", f"{case}/return", reason="  ")
    assert refused.status_code == 409
    assert "退回理由" in refused.text
    assert cast.post("clerk", f"{case}/return", reason="不属于受理范围").status_code == 302
    assert case_status(cast) == "RETURNED"


@pytest.mark.parametrize("who", ["clerk", "applicant", "nothing"])
def test_only_a_mediator_can_be_assigned(cast: Cast, who: str):
    cast.post("clerk", f"/c/cases/{cast.case}/accept")
    wanted = str(cast.people.get(who, uuid4()))
    assert cast.post("clerk", f"/c/cases/{cast.case}/assign", mediator=wanted).status_code == 409


@pytest.mark.parametrize("starts", ["", "tomorrow", "2020-01-01T10:00"])
def test_a_time_that_cannot_be_is_refused_in_a_sentence(cast: Cast, starts: str):
    assigned(cast)
    answer = cast.post("clerk", f"/c/cases/{cast.case}/schedule", starts_at=starts)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text


def test_an_invitation_is_shown_once(cast: Cast):
    assigned(cast)
    page = cast.post(
        "clerk", f"/c/cases/{cast.case}/invite", party=str(cast.parties["respondent"])
    ).text
    link = re.search(r'id="invitation">([^<]+/i/[^<]+)<', page)
    assert link
    assert link[1] not in cast.get("clerk", f"/c/cases/{cast.case}").text


def test_a_party_of_another_case_cannot_be_invited_here(cast: Cast):
    assigned(cast)
    answer = cast.post("clerk", f"/c/cases/{cast.case}/invite", party=str(uuid4()))
    assert answer.status_code == 409


def test_the_clerk_sees_a_failed_job_and_tries_it_again(cast: Cast):
    sitting(cast, closed=True)
    with cast.app.app_context(), transaction() as session:
        order = jobs.Order("deposit", f"deposit:{cast.case}", {"case": str(cast.case)}, clock.now())
        jobs.add(session, order)
        job = session.query(jobs.Job).one()
        job.status, job.error = "dead", "the store is full"
        job_id = job.id
    assert "the store is full" in cast.get("clerk", f"/c/cases/{cast.case}").text
    assert "the store is full" in cast.get("clerk", "/c").text
    assert cast.post("clerk", f"/c/jobs/{job_id}/retry").status_code == 302
    with cast.app.app_context(), reading() as session:
        assert session.get_one(jobs.Job, job_id).status == "waiting"


def test_the_audit_page_shows_steps_checklist_and_events(cast: Cast):
    room = sitting(cast, closed=True)
    film_id = film(cast, room, b"film")
    page = cast.get("clerk", f"/c/cases/{cast.case}/audit").text
    assert f"/c/films/{film_id}.mp4" in page
    assert "核对身份 · 00:00" in page
    assert page.count('class="chapter"') == 6
    assert 'data-seek="50000"' in page
    assert "运费有异议" in page
    assert "未核验" in page
    assert "双方身份已核对" in page


def test_opening_the_audit_page_is_a_viewing(cast: Cast):
    sitting(cast, closed=True)
    cast.get("clerk", f"/c/cases/{cast.case}/audit")
    assert "film:viewed" in actions(cast)


def test_a_film_is_played_by_ranges_and_its_viewing_kept_once(cast: Cast):
    film_id = film(cast, sitting(cast, closed=True), bytes(range(100)))
    path = f"/c/films/{film_id}.mp4"
    whole = cast.get("clerk", path)
    assert (whole.status_code, whole.mimetype, len(whole.data)) == (200, "video/mp4", 100)
    part = cast.get("clerk", path, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.data == bytes(range(10, 20))
    assert part.headers["Content-Range"] == "bytes 10-19/100"
    assert cast.get("clerk", path, headers={"Range": "bytes=500-"}).status_code == 416
    assert actions(cast).count("film:viewed") == 1


def test_a_row_that_points_out_of_the_house_plays_nothing(cast: Cast, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.mp4"
    outside.write_bytes(b"secret")
    film_id = film_row(cast, sitting(cast, closed=True), outside, 6)
    assert cast.get("clerk", f"/c/films/{film_id}.mp4").status_code == 404


def test_an_unknown_film_is_not_there(cast: Cast):
    assert cast.get("clerk", f"/c/films/{uuid4()}.mp4").status_code == 404


def test_without_a_recording_there_is_nothing_to_check(cast: Cast):
    room = sitting(cast, closed=True)
    answer = cast.post("clerk", f"/c/cases/{cast.case}/audit/check", sitting=str(room))
    assert answer.status_code == 409


def recorded(cast: Cast, room: UUID) -> Path:
    """A sealed recording whose head the sitting keeps."""
    with cast.app.app_context(), transaction() as session:
        row = session.get_one(Sitting, room)
        folder = cast.settings.recordings_dir / row.room
        made = OpenRecording.create(folder, Ed25519PrivateKey.generate(), {"session": str(room)})
        made.mark("step", {"step": "identity-check"}, 10)
        made.gap(20_000, 24_000, "adjourn")
        made.seal(60_000)
        row.head = made.head
    return folder


def check(cast: Cast, room: UUID) -> str:
    path = f"/c/cases/{cast.case}/audit"
    assert cast.post("clerk", f"{path}/check", sitting=str(room)).status_code == 302
    return cast.get("clerk", path).text


def test_the_badge_tells_who_computed_it_and_when(cast: Cast):
    room = sitting(cast, closed=True)
    recorded(cast, room)
    page = check(cast, room)
    assert "<strong>一致</strong>clerk-姓名 刚刚在本机重算" in page
    assert "recording:checked" in actions(cast)
    assert "未录制 00:20–00:24" in page


def test_a_changed_recording_is_named_in_red(cast: Cast):
    room = sitting(cast, closed=True)
    path = recorded(cast, room) / "manifest.jsonl"
    path.write_bytes(path.read_bytes().replace(b"identity-check", b"identity-chuck"))
    page = check(cast, room)
    assert "<strong>不一致</strong>" in page
    assert "manifest.jsonl" in page


def test_a_recording_that_was_replaced_as_a_whole_is_found(cast: Cast):
    room = sitting(cast, closed=True)
    recorded(cast, room)
    with cast.app.app_context(), transaction() as session:
        session.get_one(Sitting, room).head = "ab" * 32
    assert "可能被整份换过" in check(cast, room)


def test_a_form_from_elsewhere_does_nothing(cast: Cast):
    answer = cast.client("clerk").post(f"/c/cases/{cast.case}/accept", data={"csrf_token": "x"})
    assert answer.status_code == 403
    assert case_status(cast) == "FILED"
