from types import SimpleNamespace

from odr.settlement.layout import Margins, _bars, draw_qr, typeset
from odr.settlement.paragraph import Look, ZhPara
from odr.settlement.previews import page_texts

MARGINS = Margins("化解中心", "第1号", "ab" * 32, "https://odr.example/verify")


def test_dark_modules_are_drawn_as_bars():
    assert _bars([True, True, False, True]) == [(0, 2), (3, 4)]
    assert _bars([False, False]) == []


def test_a_qr_code_covers_its_square():
    drawn = []
    path = SimpleNamespace(rect=lambda *box: drawn.append(box))
    canvas = SimpleNamespace(beginPath=lambda: path, drawPath=lambda *_, **__: None)
    draw_qr(canvas, "https://odr.example/verify", (10, 20), 44)
    assert min(x for x, _, _, _ in drawn) == 10
    assert abs(max(x + w for x, _, w, _ in drawn) - 54) < 1e-6
    assert abs(max(y + h for _, y, _, h in drawn) - 64) < 1e-6


def test_every_page_is_counted(fonts):
    def story(sheet):
        return [
            ZhPara(sheet.ink, "调解" * 400, Look(), sheet.ink.structure.add("P")) for _ in range(4)
        ]

    pdf, sheet = typeset(fonts, MARGINS, story)
    pages = page_texts(pdf)
    assert sheet.pages == len(pages) > 1
    assert f"第1页共{len(pages)}页" in pages[0]
