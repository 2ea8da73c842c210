import io

import pikepdf
import pytest
from pikepdf import pdfa

from odr.settlement.document import render
from tests.settlement.conftest import make_data


@pytest.fixture(scope="module")
def document(cache):
    with pikepdf.open(io.BytesIO(render(make_data(), cache))) as opened:
        yield opened


def walk(node):
    yield node
    kids = node.get("/K", pikepdf.Array())
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield from walk(kid)


def test_the_tree_has_headings_paragraphs_table_and_forms(document):
    roles = [str(node.S) for node in walk(document.Root.StructTreeRoot.K[0])]
    assert roles[0] == "/Document"
    assert roles.count("/H1") == 1
    assert roles.count("/H2") == 6
    assert roles.count("/TR") == 9
    assert roles.count("/TH") == 5
    assert roles.count("/Form") == 5


def test_every_mark_on_a_page_is_in_the_parent_tree(document):
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    for index, page in enumerate(document.pages):
        content = b"".join(item.read_bytes() for item in _contents(page))
        assert len(numbers[2 * index + 1]) == content.count(b"/MCID")
        assert content.count(b"BDC") + content.count(b"BMC") == content.count(b"EMC")


def _contents(page):
    contents = page.Contents
    return contents if isinstance(contents, pikepdf.Array) else [contents]


def test_all_faces_are_embedded(document):
    for page in document.pages:
        for font in page.Resources.Font.values():
            assert "/FontFile2" in font.FontDescriptor


def test_it_claims_pdf_a_3a_and_pdf_ua_1(document):
    xmp = document.Root.Metadata.read_bytes()
    assert b"<pdfaid:part>3<" in xmp
    assert b"<pdfaid:conformance>A<" in xmp
    assert b"<pdfuaid:part>1<" in xmp
    assert len(document.Root.OutputIntents) == 1
    assert document.pdf_version == "1.7"


def test_the_seal_locks_everything(document):
    fields = {str(item.T): item for item in document.Root.AcroForm.Fields}
    assert str(fields["seal"].Lock.Action) == "/All"
    assert list(map(str, fields["party-1"].Lock.Fields)) == ["party-1"]


def test_an_independent_checker_finds_nothing_but_what_it_does_not_know(cache, tmp_path):
    """Its list knows conformance B only, and no PDF/UA identification."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(render(make_data(), cache))
    report = pdfa.validate_written(path, "3b")
    violations = {item.rule for item in report.findings if item.kind == "violation"}
    assert violations <= {"ISO_19005_3:6.6.2.3.1-1", "ISO_19005_3:6.6.4-3"}
