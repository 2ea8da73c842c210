"""The golden case and the four people in it, as data; it does not know how they act.

340,000 yuan lent without a bank, asked back in court, settled in seven monthly instalments. Names, numbers and
accounts are invented; the ID numbers carry right check digits and birthdays, no more.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from odr.settlement import terms
from odr.simulation.picture import Look

AMOUNT_FEN = 34_000_000
INSTALMENTS = 7
FIRST_OFFER = 3
ACCOUNT = "中国农业银行温州瓯海支行 陈国强 6228 4800 0000 0000 018"


@dataclass(frozen=True)
class Someone:
    """One party: how she is called, reached and looks."""

    name: str
    phone: str
    id_number: str
    address: str
    look: Look


@dataclass(frozen=True)
class Staff:
    """One person of the house: login name, role as ``odr people add`` takes it, look."""

    login: str
    name: str
    role: str
    look: Look


APPLICANT = Someone(
    "陈国强",
    "13800138001",
    "330304197803121413",
    "浙江省温州市瓯海区郭溪街道仓后路 18 号",
    Look("陈国强", (100, 150), 440),
)
RESPONDENT = Someone(
    "林福根",
    "13900139002",
    "330304195607182324",
    "浙江省温州市瓯海区仙岩街道河口村 6 号",
    Look("林福根", (150, 110), 620),
)
MEDIATOR = Staff("zhou.min", "周敏", "mediator", Look("周敏", (110, 105), 880))
CLERK = Staff("wu.ting", "吴婷", "clerk", Look("吴婷", (140, 145), 1240))
COURT = Staff("he.jie", "何洁", "court", Look("何洁", (128, 128), 1600))
SPECIALTY = "private_lending"

FILING = {
    "cause": "private_lending",
    "claim": "请求被申请人归还借款本金 340000 元。",
    "story": "2024 年 3 月至 8 月，被申请人因进货周转先后三次向申请人借款，共计 340000 元，立有借条，约定 2025 年"
    "年底前还清。到期后申请人多次催要，被申请人以货款未收回为由没有归还。",
    "amount": "340000",
    "respondent_name": RESPONDENT.name,
    "respondent_phone": RESPONDENT.phone,
    "address": APPLICANT.address,
}

FACTS = (
    "被申请人 2024 年先后三次向申请人借款，共计 340000 元。",
    "双方口头约定过月息一分。",
    "借款到期后被申请人没有归还过本金。",
)
# How each party answers the three facts.
ANSWERS = {"a1": ("agreed", "agreed", "agreed"), "r1": ("agreed", "disputed", "agreed")}
REASON = "三个月还清，每月十一万多，我拿不出来；货款要到明年夏天才收得齐，请分成七个月。"


def offer(count: int, today: date) -> dict[str, Any]:
    """Terms with ``count`` equal monthly instalments, the first on the next month's fifteenth."""
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=15)
    plan = terms.Terms(
        total_fen=AMOUNT_FEN,
        instalments=terms.plan_equal(AMOUNT_FEN, count, first),
        payee_account=ACCOUNT,
        penalty="逾期付款的，以未付款项为基数按全国银行间同业拆借中心公布的一年期贷款市场报价利率支付违约金。",
        fee_burden="如申请司法确认，不收取费用；其余费用各自承担。",
        extra=("双方就本案再无其他争议。",),
    )
    return terms.to_json(plan)
