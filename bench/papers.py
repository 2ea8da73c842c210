"""One paper of each kind, about as long as those of the golden case; it measures nothing."""

from datetime import date
from pathlib import Path

from odr.settlement.forms import KINDS, Form, Line, Part, render_form
from odr.settlement.minutes import MinutesData, Section, render_minutes

HOUSE = {
    "case_no": "（2026）浙0304民调00001号",
    "organisation": "瓯海区矛盾纠纷多元化解中心",
    "verify_url": "https://odr.example/verify",
}
DAY = date(2026, 11, 25)
SENTENCE = (
    "被申请人2024年先后三次向申请人借款，共计340,000元，约定2025年年底前还清，到期后没有归还。"
)
LINES = {"rights-notice": 11, "undisputed-facts": 1}  # else three
ROWS = {"undisputed-facts": 3, "service-receipt": 2, "catalogue": 24, "agreement": 7}


def minutes(cache: Path) -> bytes:
    """The minutes of an hour: thirty lines in five sections."""
    names = ("rights", "identity", "facts", "account", "risk")
    return render_minutes(
        MinutesData(
            **HOUSE,
            day=DAY,
            time="2026年11月25日14:00至15:02",
            matter="民间借贷纠纷",
            mediator="陈晓岚",
            recorder="周敏",
            parties=("申请人王䶮", "被申请人李建国"),
            sections=tuple(Section(name, (SENTENCE,) * 6) for name in names),
        ),
        cache,
    )


def plain(kind: str, cache: Path) -> bytes:
    """One of the plain papers, of its usual length."""
    lines = tuple(Line(SENTENCE, "王䶮，录像 00:12:31") for _ in range(LINES.get(kind, 3)))
    head = ("序号", "内容", "确认")
    rows = tuple((str(n), SENTENCE[:24], "王䶮 00:12:31") for n in range(1, ROWS.get(kind, 0) + 1))
    parts = [Part("内容", lines)]
    if rows:
        parts.append(Part("明细", rows=(head, *rows), widths=(10, 60, 30)))
    fields = (("申请人", "王䶮"), ("被申请人", "李建国"), ("纠纷类型", "民间借贷纠纷"))
    form = Form(**HOUSE, kind=kind, title=kind, day=DAY, fields=fields, parts=tuple(parts))
    return render_form(form, cache)


def kinds() -> tuple[str, ...]:
    """All kinds of plain papers there are."""
    return KINDS
