"""The fields that mediators are strong in, as data; it does not know the mediators."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Specialty:
    """One field of law."""

    key: str
    zh: str
    en: str


ALL = (
    Specialty("finance", "金融", "finance"),
    Specialty("securities", "证券", "securities"),
    Specialty("ip", "知识产权", "intellectual property"),
    Specialty("construction", "建设工程", "construction"),
    Specialty("labour", "劳动", "labour"),
    Specialty("family", "婚姻家庭", "family"),
    Specialty("traffic", "交通", "traffic"),
    Specialty("sale_contract", "买卖合同", "sale contracts"),
    Specialty("private_lending", "民间借贷", "private lending"),
    Specialty("property", "物业与相邻", "property and neighbours"),
    Specialty("tort", "侵权", "torts"),
    Specialty("lease", "租赁", "leases"),
    Specialty("consumer", "消费者权益", "consumers"),
    Specialty("company", "公司与股权", "companies"),
    Specialty("insurance", "保险", "insurance"),
)
_BY_WORD = {word.casefold(): one for one in ALL for word in (one.key, one.zh, one.en)}


def canonical(word: str) -> str:
    """The Chinese name of a field given by key, Chinese or English; an unknown word stays as it is."""
    known = _BY_WORD.get(word.strip().casefold())
    return known.zh if known else word.strip()


def name(key: str, language: str) -> str:
    """A field in a language; an unknown key as it is."""
    known = _BY_WORD.get(key.casefold())
    if known is None:
        return key
    return known.en if language == "en" else known.zh
