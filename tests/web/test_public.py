import io

from odr import clock
from odr.db import transaction
from odr.identity.models import Person
from odr.web.demo_door import demo_token


def test_the_first_page_is_for_anybody(browser):
    assert browser.open("/").status == 200
    assert browser.open("/steps").status == 200


def test_the_house_tells_its_health(browser):
    assert browser.client.get("/healthz").json == {"ok": True}
    assert browser.client.get("/readyz").json["ok"] is True


def verify(browser, content, name="x.pdf"):
    browser.open("/verify")
    data = {"csrf_token": browser.page.csrf, "file": (io.BytesIO(content), name)}
    return browser.client.post("/verify", data=data, content_type="multipart/form-data")


def test_what_is_no_pdf_is_refused_with_a_sentence(browser):
    answer = verify(browser, b"\xff\xd8\xff a picture")
    assert answer.status_code == 409
    assert "PDF" in answer.text


def test_a_pdf_without_signatures_is_not_called_genuine(browser):
    answer = verify(browser, b"%PDF-1.7\nnot really\n%%EOF")
    assert "不要采信" in answer.text or answer.status_code == 409


def test_no_file_is_refused(browser):
    browser.open("/verify")
    assert browser.client.post("/verify", data={"csrf_token": browser.page.csrf}).status_code == 409


def clerk(app):
    with app.app_context(), transaction() as session:
        person = Person(
            role="clerk", name="柯", login_name="ke", created_at=clock.now(), specialties=[]
        )
        session.add(person)
        session.flush()
        return person.id


def test_a_demo_link_opens_once_and_for_its_role(browser, other, app, settings):
    token = demo_token(settings.service_secret, "clerk", clerk(app))
    assert browser.client.get(f"/demo/in/{token}").location == "/c"
    assert other.client.get(f"/demo/in/{token}").status_code == 409
    wrong = demo_token(settings.service_secret, "admin", clerk_id(app))
    assert other.client.get(f"/demo/in/{wrong}").status_code == 409


def clerk_id(app):
    with app.app_context(), transaction() as session:
        return session.query(Person).one().id
