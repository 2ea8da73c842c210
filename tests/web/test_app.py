import pytest
from werkzeug.routing import UUIDConverter

from odr.web.auth import PUBLIC

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ANY_ID = "00000000-0000-4000-8000-000000000000"


def addresses(app, method):
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method in rule.methods:
                kinds = rule._converters
                values = {
                    name: ANY_ID if "id" in name or isinstance(kinds[name], UUIDConverter) else "1"
                    for name in rule.arguments
                }
                yield rule.endpoint, rule.build(values, append_unknown=False)[1]


@pytest.mark.parametrize("path", ["/", "/in", "/verify", "/p", "/nowhere", "/static/css/phone.css"])
def test_every_answer_carries_the_headers(app, path):
    answer = app.test_client().get(path)
    for name, value in FIXED.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "camera=(self)" in answer.headers["Permissions-Policy"]


def test_every_page_is_closed_unless_it_is_public(app):
    client = app.test_client()
    for endpoint, path in addresses(app, "GET"):
        if endpoint in PUBLIC or endpoint == "static":
            continue
        answer = client.get(path)
        assert answer.status_code in {302, 401}, path
        if answer.status_code == 302:
            assert answer.location in {"/in", "/staff"}, path


def test_no_form_is_taken_without_its_token(app):
    client = app.test_client()
    for endpoint, path in addresses(app, "POST"):
        assert client.post(path, data={"x": "1"}).status_code == 403, endpoint


def test_pages_are_not_kept_and_hashed_files_are(app):
    client = app.test_client()
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get("/static/css/phone.css?v=1").headers["Cache-Control"]
    assert client.get("/static/css/phone.css").headers["Cache-Control"] == "no-cache"


def test_no_page_has_inline_script_or_style(browser):
    for path in ("/", "/in", "/staff", "/verify", "/steps", "/nowhere"):
        html = browser.client.get(path).text
        assert " style=" not in html
        assert " onclick=" not in html
        assert "<style" not in html


def test_language_and_print_are_chosen_and_return_only_to_this_house(browser):
    assert browser.client.get("/look?lang=en&back=/in").location == "/in"
    assert 'lang="en"' in browser.client.get("/in").text
    browser.client.get("/look?elder=1")
    assert 'class="elder"' in browser.client.get("/in").text
    for foreign in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert browser.client.get("/look", query_string={"back": foreign}).location == "/"


def test_a_body_that_is_too_big_is_refused_with_a_sentence(browser):
    browser.open("/in")
    answer = browser.client.post("/in", data={"phone": "1" * 2_000_000})
    assert answer.status_code == 413
    assert "20 MB" in answer.text
