import io

import pikepdf

from odr.settlement.appearance import draw_seal, draw_signature
from odr.settlement.previews import page_texts
from tests.settlement.conftest import ORGANISATION, make_strokes


def test_a_signature_is_vectors_with_its_small_print(fonts):
    pdf = draw_signature(fonts, make_strokes(), ("电子签名 2026-11-25", "证书序列号 1A2B"))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        content = document.pages[0].Contents.read_bytes()
        assert content.count(b" l S") >= 60
        assert "/XObject" not in document.pages[0].Resources
    assert "证书序列号1A2B" in page_texts(pdf)[0]


def test_the_seal_bears_name_and_kind(fonts):
    text = page_texts(draw_seal(fonts, ORGANISATION, "调解专用章"))[0]
    assert set(ORGANISATION) <= set(text)
    assert "调解专用章" in text


def test_a_very_long_name_still_fits_the_seal(fonts):
    assert draw_seal(fonts, "某" * 40, "调解专用章").startswith(b"%PDF")
