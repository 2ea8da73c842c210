from odr.simulation.pages import read_page

PAGE = """
<html><head><meta name="csrf" content="t0k"></head><body>
<a href="/one">1</a>
<form method="post" action="/c/assign"><input type="hidden" name="csrf_token" value="t0k">
<select name="mediator"><option value="7">周敏 — 借贷</option><option value="8" selected>李</option></select>
<textarea name="note"></textarea><input type="checkbox" name="recording" value="on"><button>go</button></form>
<pre>{"a": 1}</pre><script>var hidden = 1</script>
</body></html>"""


def test_a_form_tells_where_it_goes_and_what_it_holds():
    form = read_page(PAGE).forms[0]
    assert (form.action, form.method) == ("/c/assign", "post")
    assert form.values == {"csrf_token": "t0k", "mediator": "8", "note": ""}


def test_a_list_offers_its_choices_with_their_words():
    form = read_page(PAGE).forms[0]
    assert form.choices["mediator"] == [("7", "周敏 — 借贷"), ("8", "李")]


def test_the_token_links_and_quoted_text_are_found_and_scripts_are_not_read():
    page = read_page(PAGE)
    assert (page.csrf, page.links, page.quoted) == ("t0k", ["/one"], ['{"a": 1}'])
    assert "hidden" not in page.text
