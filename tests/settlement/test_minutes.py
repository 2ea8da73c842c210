from dataclasses import replace
from datetime import date

from odr.settlement.minutes import MinutesData, Section, render_minutes
from odr.settlement.previews import page_texts

DATA = MinutesData(
    case_no="（2026）浙0304民调00001号",
    organisation="瓯海区矛盾纠纷多元化解中心",
    day=date(2026, 11, 25),
    time="2026年11月25日 14:00 至 15:02",
    matter="民间借贷纠纷",
    mediator="陈晓岚",
    recorder="书记员周敏",
    parties=("申请人王䶮", "被申请人李建国"),
    sections=(
        Section("rights", ("调解员宣读权利义务，双方逐项确认。",)),
        Section("identity", ("调解员当面核对双方身份，结果一致。",)),
        Section("facts", ("借款400,000.00元：双方确认。",)),
        Section("account", ("双方协商分期方案。",)),
        Section("risk", ("已告知逾期的法律后果。",)),
    ),
    verify_url="https://odr.example/verify",
    recording="REC-1",
    agreement_no="（2026）浙0304民调00001号",
)


def test_minutes_name_everybody_and_every_section(cache):
    text = "".join(page_texts(render_minutes(DATA, cache)))
    for part in (
        "调解笔录",
        "王䶮",
        "陈晓岚",
        "书记员周敏",
        "一、权利义务告知",
        "六、调解结果",
        "REC-1",
    ):
        assert part in text
    assert "各方达成调解协议" in text


def test_without_agreement_the_reason_and_the_ways_that_remain_are_said(cache):
    failed = replace(DATA, agreement_no="", reason="双方差距过大")
    text = "".join(page_texts(render_minutes(failed, cache)))
    assert "未达成协议。原因：双方差距过大。" in text
    assert "向人民法院起诉" in text


def test_a_missing_section_leaves_no_gap_in_the_count(cache):
    text = "".join(page_texts(render_minutes(replace(DATA, sections=DATA.sections[:1]), cache)))
    assert "二、调解结果" in text


def test_the_same_minutes_give_the_same_bytes(cache):
    assert render_minutes(DATA, cache) == render_minutes(DATA, cache)
