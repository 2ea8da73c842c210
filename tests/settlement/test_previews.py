from PIL import Image

from odr.settlement.previews import page_texts, render_pages


def test_pages_are_pictures_that_show_the_signatures(revisions, tmp_path):
    for number, pdf in ((0, revisions[0]), (1, revisions[-1])):
        (tmp_path / f"{number}.pdf").write_bytes(pdf)
    blank = render_pages(tmp_path / "0.pdf", tmp_path)
    signed = render_pages(tmp_path / "1.pdf", tmp_path)
    assert len(blank) == len(signed) == len(page_texts(revisions[0])) == 2
    red = [_red(path) for path in (blank[-1], signed[-1])]
    assert red[0] == 0
    assert red[1] > 500


def _red(path):
    pixels = Image.open(path).convert("RGB").get_flattened_data()
    return sum(1 for r, g, b in pixels if r > 180 and g < 80 and b < 80)
