from types import SimpleNamespace

from odr.settlement.structure import Structure, artifact


def canvas(page):
    return SimpleNamespace(_code=[], getPageNumber=lambda: page)


def test_marks_are_counted_page_by_page():
    structure, first, second = Structure(), canvas(1), canvas(2)
    title = structure.add("H1")
    text = structure.add("P")
    for where, element in ((first, title), (first, text), (second, text)):
        with structure.marked(where, element):
            pass
    assert title.marks == [(1, 0)]
    assert text.marks == [(1, 1), (2, 0)]
    assert first._code == ["/H1 <</MCID 0>> BDC", "EMC", "/P <</MCID 1>> BDC", "EMC"]


def test_elements_nest():
    structure = Structure()
    table = structure.add("Table")
    row = structure.add("TR", table)
    assert table.children == [row]
    assert structure.root.children == [table]


def test_decoration_is_an_artifact():
    page = canvas(1)
    with artifact(page):
        page._code.append("0 0 m")
    assert page._code == ["/Artifact BMC", "0 0 m", "EMC"]
