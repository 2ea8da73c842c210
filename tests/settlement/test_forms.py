"""One schema for the plain papers: read back as written, the same bytes from the same data, PDF/A."""

import io
import json
import subprocess
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odr.errors import Refused, Tampered
from odr.settlement.forms import KINDS, Form, Line, Part, from_json, render_form, to_json

FORM = Form(
    kind="undisputed-facts",
    title="无争议事实记载表",
    case_no="（2026）浙0304民调00001号",
    organisation="瓯海区矛盾纠纷多元化解中心",
    day=date(2026, 11, 25),
    verify_url="https://odr.example/verify",
    fields=(("申请人", "陈国强"), ("空的", "")),
    parts=(
        Part(
            "各方共同确认的事实",
            (Line("以上事实由各方逐条确认。", "陈国强，录像 00:12:31"),),
            (("序号", "事实", "确认"), ("1", "借款340,000元", "陈国强 00:12:31")),
            (8, 56, 36),
        ),
    ),
    signers=("申请人（签名）",),
)
words = st.text(max_size=20)
lines = st.builds(Line, words, words)
rows = st.lists(st.tuples(words, words), max_size=3).map(tuple)
parts = st.builds(Part, words, st.lists(lines, max_size=3).map(tuple), rows, st.just((1, 1)))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("fonts")


@given(
    st.builds(
        replace,
        st.just(FORM),
        kind=st.sampled_from(KINDS),
        fields=st.lists(st.tuples(words, words), max_size=4).map(tuple),
        parts=st.lists(parts, max_size=3).map(tuple),
        signers=st.lists(words, max_size=2).map(tuple),
        day=st.dates(),
        key=words,
        language=st.sampled_from(["zh", "en"]),
    )
)
def test_a_form_is_read_back_as_it_was_written(form):
    assert from_json(json.loads(json.dumps(to_json(form)))) == form


@pytest.mark.parametrize("wrong", [{"version": 2}, {"kind": "love-letter"}])
def test_another_version_is_not_guessed_at(wrong):
    with pytest.raises(Tampered):
        from_json(to_json(FORM) | wrong)


def test_the_same_data_gives_the_same_bytes_with_the_data_inside(cache):
    pdf = render_form(FORM, cache)
    assert render_form(from_json(to_json(FORM)), cache) == pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        inside = json.loads(document.attachments["form.json"].get_file().read_bytes())
    assert from_json(inside) == FORM


def test_it_reads_as_it_says_and_checks_as_a_pdf(cache, tmp_path):
    path = tmp_path / "form.pdf"
    path.write_bytes(render_form(FORM, cache))
    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    )
    plain = "".join(text.stdout.split())
    for said in ("无争议事实记载表", "陈国强，录像 00:12:31", "借款340,000元", "申请人（签名）"):
        assert said.replace(" ", "") in plain
    assert "空的" not in text.stdout
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)


def test_a_character_no_font_has_is_named(cache):
    with pytest.raises(Refused) as refusal:
        render_form(replace(FORM, title="\U0001f600"), cache)
    assert "\U0001f600" in str(refusal.value.values)


def test_an_english_paper_says_that_it_is_for_information(cache, tmp_path):
    path = tmp_path / "form.pdf"
    note = "English translation for information only"
    path.write_bytes(render_form(replace(FORM, language="en", note=note), cache))
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    assert note in text.stdout
    assert replace(FORM, language="en").name == "undisputed-facts-en"
