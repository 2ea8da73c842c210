import io

import pytest

from tests.web.party_cast import CHEN, FILING

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


@pytest.fixture
def chen(browser):
    return browser.register(CHEN)


def test_a_whole_application_becomes_a_case(chen):
    case = chen.file()
    assert chen.open(f"/p/cases/{case}").status == 200
    assert "340,000" in chen.page.text
    assert chen.open("/p").page.text.count("（") >= 1
    assert f"/p/cases/{case}" in chen.page.links


def test_one_question_a_page_and_nothing_is_lost_between(chen):
    chen.open("/p/apply").submit("/p/apply", cause=FILING["cause"], go="next")
    chen.submit(
        "/p/apply", go="next", respondent_name=FILING["respondent_name"], respondent_phone="123"
    )
    assert chen.status == 409
    assert chen.page.forms[0].values["respondent_name"] == FILING["respondent_name"]
    chen.submit("/p/apply", go="next", respondent_phone=FILING["respondent_phone"])
    chen.open("/p/apply?step=2")
    assert chen.page.forms[0].values["respondent_phone"] == FILING["respondent_phone"]
    chen.open("/p/apply?step=3").submit("/p/apply", go="next", story=FILING["story"])
    rest = {name: FILING[name] for name in ("claim", "amount", "address")}
    chen.submit("/p/apply", go="next", **rest)
    assert "叁拾肆万" in chen.page.text
    chen.submit("/p/apply", go="send")
    assert chen.path.startswith("/p/cases/")
    assert chen.open("/p/apply?step=2").page.forms[0].values["respondent_name"] == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "很多"),
        ("amount", ""),
        ("respondent_phone", "1"),
        ("cause", "divorce!"),
        ("story", ""),
    ],
)
def test_a_bad_field_is_refused_and_files_nothing(chen, field, value):
    chen.open("/p/apply").submit("/p/apply", **{**FILING, field: value})
    assert chen.status == 409
    chen.open("/p")
    assert not [link for link in chen.page.links if link.startswith("/p/cases/")]


def test_consent_needs_both_ticks_and_the_text_that_was_shown(chen):
    case = chen.file()
    path = f"/p/cases/{case}/consent"
    chen.open(path).submit(path, online_mediation="on")
    assert chen.status == 409
    chen.open(path).submit(path, online_mediation="on", recording="on", hash_recording="0" * 64)
    assert chen.status == 409
    chen.open(path).submit(path, online_mediation="on", recording="on")
    assert chen.path == f"/p/cases/{case}"
    assert "已同意" in chen.page.text


def bring(chen, case, content, name):
    path = f"/p/cases/{case}/evidence"
    chen.open(path)
    data = {"csrf_token": chen.page.csrf, "title": "借条", "file": (io.BytesIO(content), name)}
    return chen.client.post(path, data=data, content_type="multipart/form-data")


def test_an_upload_that_is_not_what_it_says_is_refused(chen):
    case = chen.file()
    assert bring(chen, case, b"MZ\x90\x00 a program", "note.png").status_code == 409
    assert bring(chen, case, b"", "note.png").status_code == 409


def test_what_was_brought_is_given_back_byte_for_byte(chen):
    case = chen.file()
    content = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
    assert bring(chen, case, content, "note.pdf").status_code == 302
    chen.open(f"/p/cases/{case}/evidence")
    link = next(link for link in chen.page.links if "/evidence/" in link)
    answer = chen.client.get(link)
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_device_check_is_taken(chen):
    chen.open("/p/check")
    headers = {"X-CSRF": chen.page.csrf}
    assert chen.client.post("/p/check", json={"camera": "good"}, headers=headers).json["ok"]
    assert chen.client.post("/p/check", json=["x"], headers=headers).status_code == 409


def test_what_people_write_is_shown_as_text(chen):
    chen.open("/p/apply").submit("/p/apply", **{**FILING, "claim": "<script>alert(1)</script>"})
    assert "<script>alert" not in chen.client.get(chen.path).text
