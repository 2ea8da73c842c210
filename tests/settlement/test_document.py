import io
from dataclasses import asdict, replace
from datetime import date

import pikepdf
import pytest

from odr.errors import Refused
from odr.settlement.document import (
    Source,
    clauses,
    data_from_json,
    data_hash,
    data_to_json,
    fields_of,
    render,
)
from odr.settlement.phrases import phrase
from odr.settlement.previews import page_texts
from odr.settlement.terms import plan_equal, plan_stepped
from odr.settlement.verification import embedded_data
from tests.settlement.conftest import make_data, make_terms


@pytest.fixture(scope="module")
def paper(cache):
    return render(make_data(), cache)


def test_everything_the_law_asks_for_is_on_the_paper(paper):
    text = "".join(page_texts(paper))
    for part in (
        "调解协议书", "王䶮", "李建国", "民间借贷纠纷", "建国五金商行", "违约金的计算标准",
        "未按期还款承担责任", "340,000.00元", "叁拾肆万元整", "第7期", "48,571.48", "2027年6月30日",
        "6230520310018861234", "调解员（签名）", "司法确认",
    ):  # fmt: skip
        assert part in text, part


def test_every_page_shows_number_and_digest(paper):
    pages, digest = page_texts(paper), data_hash(make_data())
    for number, text in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in text
        assert digest[:32] in text
        assert digest[32:] in text


def test_the_same_data_gives_the_same_bytes(paper, cache):
    assert render(make_data(), cache) == paper
    assert render(replace(make_data(), issues="别的"), cache) != paper


def test_the_data_travel_inside_and_survive_json(paper):
    assert embedded_data(paper) == data_to_json(make_data())
    assert data_from_json(data_to_json(make_data())) == make_data()


def test_on_whose_word_it_rests_travels_inside_and_is_not_printed(cache):
    source = Source("双方口头约定过月息一分。", "王䶮", "agreed", 61_234)
    data = replace(make_data(), sources=(source,))
    assert data_from_json(data_to_json(data)) == data
    pdf = render(data, cache)
    assert embedded_data(pdf)["sources"] == [asdict(source)]
    assert "月息一分" not in "".join(page_texts(pdf))


def test_a_name_no_face_can_print_is_refused(cache):
    data = make_data()
    party = replace(data.parties[0], name="王\U0002aa27")
    with pytest.raises(Refused) as refused:
        render(replace(data, parties=(party, data.parties[1])), cache)
    assert refused.value.key == "settlement.missing-glyph"


def test_sixty_instalments_repeat_the_head_on_every_sheet(cache):
    terms = replace(make_terms(), instalments=plan_equal(34_000_000, 60, date(2027, 1, 31)))
    pages = page_texts(render(make_data(terms), cache))
    with_plan = [text for text in pages if "第30期" in text or "第60期" in text]
    assert len(with_plan) == 2
    assert all("期次" in text and "累计（元）" in text for text in with_plan)


def test_one_payment_needs_no_table(cache):
    terms = replace(make_terms(), instalments=plan_stepped([34_000_000], date(2027, 1, 31)))
    text = "".join(page_texts(render(make_data(terms), cache)))
    assert "一次付清" in text
    assert "期次" not in text


def test_clauses_are_numbered_and_name_payer_and_payee():
    lines = clauses(make_data())
    assert lines[0].startswith("（一）各方确认：被申请人李建国应向申请人王䶮支付人民币340,000.00元")
    assert lines[2] == "（三）" + phrase(
        "agreement", "acceleration", payer="被申请人李建国", payee="申请人王䶮"
    )
    assert lines[-1].startswith("（六）")


def test_signature_fields_are_there_with_tags(paper):
    with pikepdf.open(io.BytesIO(paper)) as document:
        names = [str(item.T) for item in document.Root.AcroForm.Fields]
        assert names == ["platform", *(field for field, _ in fields_of(make_data()))]
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "zh-CN"
        assert all(page.StructParents == n for n, page in enumerate(document.pages))
        assert b"pdfaid:part>3<" in document.Root.Metadata.read_bytes()


def test_pdf_syntax_has_no_fault(paper):
    with pikepdf.open(io.BytesIO(paper)) as document:
        assert document.check_pdf_syntax() == []
