from odr.cases.models import Case
from odr.db import reading
from odr.mediation import papers
from odr.mediation.models import Session as Sitting
from odr.mediation.papers import Record, film_time, minutes_data
from odr.mediation.service import scene_of
from odr.settlement.minutes import render_minutes
from tests.mediation.conftest import terms


def record(session, table):
    sitting = session.get(Sitting, table.sitting_id)
    case = session.get(Case, table.case_id)
    return Record(session, sitting, case, table.bench.names, table.bench.public_url)


def lines(data, head):
    return next(section.lines for section in data.sections if section.head == head)


def test_the_minutes_hold_what_was_done_and_said(table):
    table.walk("agreement")
    table.act("a1", "object", text="利息算得太低")
    table.do_step("agreement")
    table.act("m", "finish", outcome="too_far_apart", reason="差距太大")
    with reading() as session:
        data = minutes_data(record(session, table))
    assert data.parties == ("申请人陈建国", "被申请人王经理")
    assert (data.mediator, data.recorder, data.reason) == ("周敏", "林书记员", "差距太大")
    assert "陈建国逐条阅读并确认，共11条" in lines(data, "rights")[1]
    assert all("为本人" in line for line in lines(data, "identity"))
    assert "无争议事实" in lines(data, "facts")[0]
    assert "王经理有争议" in lines(data, "facts")[1]
    assert any("340,000" in line for line in lines(data, "account"))
    assert any("利息算得太低" in line for line in lines(data, "account"))
    assert data.agreement_no == ""


def test_minutes_of_a_session_that_ended_at_once_can_be_printed(table):
    table.begin()
    table.act("m", "finish", outcome="withdrawn", reason="申请人撤回")
    with reading() as session:
        data = minutes_data(record(session, table))
    assert "之前结束" in lines(data, "rights")[0]
    assert render_minutes(data, table.bench.authority.cache).startswith(b"%PDF")


def test_a_place_in_the_film_reads_like_a_clock():
    assert film_time(0) == "00:00:00"
    assert film_time(3_723_999) == "01:02:03"


def test_each_field_of_the_paper_has_its_signer(table):
    table.begin()
    with reading() as session:
        found = papers.signers(scene_of(session, table.bench, table.ref("m")))
        assert [signer.field for signer in found] == ["party-1", "party-2", "mediator"]
        assert [signer.person_id for signer in found] == [
            table.people["a1"],
            table.people["r1"],
            table.people["m"],
        ]


def test_the_minutes_tell_of_a_later_version_only_what_it_changed(table):
    table.walk("negotiation")
    table.act("m", "propose", terms=terms())
    shown = table.state()["proposal"]
    plan = next(one for one in shown["clauses"] if one["key"] == "plan")
    about = {"proposal": shown["id"], "clause": "plan", "text_hash": plan["text_hash"]}
    table.act("r1", "answer-clause", answer="object", reason="每月付不起", **about)
    table.act("m", "propose", terms=terms() | {"method": "现金", "extra": ["当面道歉。"]})
    with reading() as session:
        told = lines(minutes_data(record(session, table)), "account")
    assert "340,000" in told[0]
    assert "王经理对“分 7 期付款的安排。”" in told[1]
    assert told[1].endswith("一条有异议。每月付不起")
    assert "“付款方式：银行转账。”改为“付款方式：现金。”" in told[2]
    assert "增加“当面道歉。”" in told[2]
    assert "340,000" not in told[2]
