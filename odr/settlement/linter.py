"""Reads a draft settlement and says what will make trouble later; it does not know who wrote it.

Every finding names the article or the reason; the same terms and text always give the same findings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from odr.sentences import sentence
from odr.settlement.terms import Terms, capitals, yuan

SATURDAY = 5
ERROR, WARNING, NOTE = "error", "warning", "note"
COURT_DECIDES = re.compile(r"(由|请求?)(人民)?法院[^，。；]{0,6}(判决|裁判|裁决|裁定支付)")
VAGUE = ("尽快", "若干", "适当时候", "左右", "大约", "酌情", "近期", "有钱", "条件允许", "另行协商")
STATUS = ("离婚", "解除婚姻", "婚姻无效", "收养", "监护权", "亲子关系", "继承权", "身份关系")
WITHHELD = re.compile(r"(不得|放弃)[^，。；]{0,8}(起诉|诉讼|报警|报案|举报|投诉)")
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
        return sentence(self.key, language, **self.values)


def lint(terms: Terms, text: str = "") -> list[Finding]:
    """All findings for the terms and any further ``text`` of the paper, errors first."""
    words = "\n".join((terms.method, terms.penalty, terms.fee_burden, *terms.extra, text))
    found = [*_forbidden(words), *_vague(words), *_capitals(words), *_terms(terms)]
    order = {ERROR: 0, WARNING: 1, NOTE: 2}
    return sorted(found, key=lambda finding: order[finding.level])


def _forbidden(words: str) -> Iterator[Finding]:
    if match := COURT_DECIDES.search(words):
        yield Finding(
            ERROR,
            "settlement.lint-court-decides",
            "最高人民法院关于人民法院民事调解工作若干问题的规定 第八条",
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


def _vague(words: str) -> Iterator[Finding]:
    for word in VAGUE:
        if word in words:
            yield Finding(
                WARNING,
                "settlement.lint-vague",
                "最高人民法院关于适用民事诉讼法的解释 第三百五十八条（内容不明确不予确认）",
                {"words": word},
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


def _terms(terms: Terms) -> Iterator[Finding]:
    if not terms.payee_account.strip():
        yield Finding(ERROR, "settlement.lint-no-account", "人民调解法 第二十九条第三项")
    paid = sum(line.amount_fen for line in terms.instalments)
    if paid != terms.total_fen:
        yield Finding(
            ERROR,
            "settlement.lint-sum",
            "人民调解法 第二十九条第三项",
            {"instalments": yuan(abs(paid)), "total": yuan(abs(terms.total_fen))},
        )
    for line in terms.instalments:
        if line.due.weekday() >= SATURDAY:
            yield Finding(
                NOTE,
                "settlement.lint-weekend",
                "民法典 第二百零三条",
                {"number": line.number, "due": line.due.isoformat()},
            )
    if len(terms.instalments) > 1 and not terms.acceleration:
        yield Finding(NOTE, "settlement.lint-no-acceleration", "民法典 第六百三十四条")
    if not terms.penalty:
        yield Finding(
            NOTE,
            "settlement.lint-no-penalty",
            "最高人民法院关于人民法院民事调解工作若干问题的规定 第八条",
        )
