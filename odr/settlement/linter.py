"""Reads a draft settlement and says what will make trouble later; it does not know who wrote it.

Every finding names the article or the reason; the same terms and text always give the same findings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from odr.law.calendar import is_working_day
from odr.sentences import sentence
from odr.settlement.interest import asked, ceiling, percent
from odr.settlement.promises import Promises
from odr.settlement.terms import Terms, capitals, yuan

CIVIL_MEDIATION = "最高人民法院关于人民法院民事调解工作若干问题的规定"
ERROR, WARNING, NOTE = "error", "warning", "note"
COURT_DECIDES = re.compile(r"(由|请求?)(人民)?法院[^，。；]{0,6}(判决|裁判|裁决|裁定支付)")
VAGUE = re.compile(
    "尽快|尽早|若干|适当|左右|大约|大概|酌情|近期|有钱|条件允许|另行协商|择日|择期|有能力|手头宽裕|"
    "月底前?付|年底前?付|过段时间|合理期限|有关费用|部分款项|一些|等到.{1,8}以后"
)
PROPERTY = re.compile(
    r"(房屋|房产|土地|宅基地|车位|商标|专利|著作权|股权)[^，。；]{0,14}(归[^，。；]{1,10}所有|所有权属于|确认为)"
)
GUARANTEE = re.compile("(提供|承担)[^，。；]{0,6}(担保|保证责任)|(抵押|质押)给")
THIRD = re.compile(
    "以[^，。；]{0,8}(父|母|妻|配偶|子女|儿子|女儿|兄|弟|姐|妹|朋友|公司)[^，。；]{0,6}名下的?[^，。；]{0,12}"
    "(抵偿|抵债|抵押|偿还|归还)"
)
AGENT = re.compile(r"[^，。；\n]{0,12}(?:委托)?代理人[^，。；\n]{0,20}")
SPECIAL = re.compile("特别授权|特别代理")  # what an agent needs to concede, settle and take money
STATUS = (
    "离婚", "解除婚姻", "婚姻无效", "收养", "监护权", "亲子关系", "继承权", "身份关系", "抚养权",
)  # fmt: skip
WITHHELD = re.compile(
    r"(不得|放弃|不准|不再)[^，。；]{0,8}(起诉|诉讼|上诉|报警|报案|举报|投诉|信访)"
)
IN_CAPITALS = re.compile(
    r"([\d,]+(?:\.\d{1,2})?)\s*元[（(]?\s*(?:大写)?[：:]?\s*(?:人民币)?"
    r"([零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]{2,})"
)


@dataclass(frozen=True)
class Finding:
    """One remark: ``level`` error, warning or note; ``article`` the rule it stands on."""

    level: str
    key: str
    article: str
    values: dict[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = "zh") -> str:
        """What is said to the person who wrote the draft."""
        return sentence(self.key, language, article=self.article, **self.values)


def lint(terms: Terms, text: str = "") -> list[Finding]:
    """All findings for the terms and any further ``text`` of the paper, errors first.

    The highest lawful interest is that of the day of the loan, if the terms tell it.
    """
    promised = terms.promises
    told = [promised.responsibility, promised.remainder]
    told += [promised.delivery.what] if promised.delivery else []
    words = "\n".join((terms.method, terms.penalty, terms.fee_burden, *terms.extra, *told, text))
    found = [
        *_forbidden(words),
        *_clauses(words),
        *_interest(words, promised.contracted),
        *_capitals(words),
        *_payment(terms),
        *_promised(promised),
    ]
    order = {ERROR: 0, WARNING: 1, NOTE: 2}
    return sorted(found, key=lambda finding: order[finding.level])


def _forbidden(words: str) -> Iterator[Finding]:
    if match := COURT_DECIDES.search(words):
        yield Finding(
            ERROR,
            "settlement.lint-court-decides",
            f"{CIVIL_MEDIATION} 第八条",
            {"words": match.group(0)},
        )
    if match := WITHHELD.search(words):
        yield Finding(
            WARNING,
            "settlement.lint-right-waived",
            "人民调解法 第二十六条、第三十二条",
            {"words": match.group(0)},
        )
    for word in STATUS:
        if word in words:
            yield Finding(
                ERROR,
                "settlement.lint-personal-status",
                "电子签名法 第三条；最高人民法院关于适用民事诉讼法的解释 第三百五十五条",
                {"words": word},
            )
            return


def _clauses(words: str) -> Iterator[Finding]:
    interpretation = "最高人民法院关于适用民事诉讼法的解释"
    rules = (
        (VAGUE, WARNING, "vague", f"{interpretation} 第三百五十八条（内容不明确不予确认）"),
        (PROPERTY, WARNING, "property", f"{interpretation} 第三百五十五条（确权不予受理）"),
        (THIRD, WARNING, "third-party", f"{interpretation} 第三百五十八条（损害他人合法权益）"),
        (GUARANTEE, NOTE, "guarantee", f"{CIVIL_MEDIATION} 第九条"),
    )
    for word in dict.fromkeys(match.group(0) for match in AGENT.finditer(words)):
        if not SPECIAL.search(words):
            article = (
                "民事诉讼法 第六十二条第二款（代为承认、放弃、变更请求，进行和解须有特别授权）"
            )
            yield Finding(WARNING, "settlement.lint-agent", article, {"words": word})
    for pattern, level, key, article in rules:
        for word in dict.fromkeys(match.group(0) for match in pattern.finditer(words)):
            yield Finding(level, f"settlement.lint-{key}", article, {"words": word})


def _interest(words: str, contracted: date | None) -> Iterator[Finding]:
    most = ceiling(contracted)
    for said, rate in asked(words):
        if rate > most:
            yield Finding(
                WARNING,
                "settlement.lint-interest",
                "最高人民法院关于审理民间借贷案件适用法律若干问题的规定 第二十五条、第二十九条",
                {"words": said, "rate": percent(rate), "most": percent(most)},
            )


def _capitals(words: str) -> Iterator[Finding]:
    for figure, written in IN_CAPITALS.findall(words):
        whole, _, cents = figure.replace(",", "").partition(".")
        fen = int(whole or 0) * 100 + int(cents.ljust(2, "0") or 0)
        right = capitals(fen) if fen < 10**14 else ""
        if right and written != right:
            yield Finding(
                ERROR,
                "settlement.lint-capitals",
                "支付结算办法 附一",
                {"figure": figure, "written": written, "right": right},
            )


def _payment(terms: Terms) -> Iterator[Finding]:
    if terms.promises.performs and not terms.instalments and not terms.total_fen:
        return
    if not terms.payee_account.strip():
        yield Finding(ERROR, "settlement.lint-no-account", "人民调解法 第二十九条第三项")
    paid = sum(line.amount_fen for line in terms.instalments)
    if paid != terms.total_fen:
        sums = {"instalments": yuan(abs(paid)), "total": yuan(abs(terms.total_fen))}
        yield Finding(ERROR, "settlement.lint-sum", "人民调解法 第二十九条第三项", sums)
    for line in terms.instalments:
        if not is_working_day(line.due):
            day = {"number": line.number, "due": line.due.isoformat()}
            yield Finding(NOTE, "settlement.lint-weekend", "民法典 第二百零三条", day)
    if len(terms.instalments) > 1 and not terms.acceleration:
        yield Finding(NOTE, "settlement.lint-no-acceleration", "民法典 第六百三十四条")
    if not terms.penalty:
        yield Finding(NOTE, "settlement.lint-no-penalty", f"{CIVIL_MEDIATION} 第八条")


def _promised(promises: Promises) -> Iterator[Finding]:
    if given := promises.guarantee:
        values = {"name": given.guarantor}
        yield Finding(WARNING, "settlement.lint-guarantor", "民法典 第六百八十五条", values)
        if given.until is None:
            article = "民法典 第六百九十二条第二款"
            yield Finding(NOTE, "settlement.lint-guarantee-term", article, values)
    if promises.remainder:
        yield Finding(NOTE, "settlement.lint-remainder", f"{CIVIL_MEDIATION} 第十四条")
