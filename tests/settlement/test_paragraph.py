from odr.settlement.paragraph import Ink, Look, ZhPara
from odr.settlement.structure import Structure

LINE = "当事人应当如实陈述事实，遵守调解秩序，尊重对方权利。"


def paragraph(fonts, repeats):
    structure = Structure()
    return ZhPara(Ink(fonts, structure), LINE * repeats, Look(), structure.add("P"))


def test_height_follows_the_lines(fonts):
    para = paragraph(fonts, 5)
    width, height = para.wrap(240, 1000)
    assert (width, height) == (240, len(para.lines) * 22)


def test_a_split_leaves_at_least_two_lines_on_each_side(fonts):
    para = paragraph(fonts, 6)
    total = round(para.wrap(240, 1000)[1] / 22)
    for room in range(total):
        parts = para.split(240, room * 22 + 1)
        if room < 2:
            assert parts == []
            continue
        heights = [round(part.wrap(240, 1000)[1] / 22) for part in parts]
        assert sum(heights) == total
        assert min(heights) >= 2


def test_both_halves_belong_to_one_element(fonts):
    para = paragraph(fonts, 6)
    first, second = para.split(240, 70)
    assert first.element is second.element is para.element
