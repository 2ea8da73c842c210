"""The lines of a report on a paper, in both languages; it does not know what was looked at."""

from dataclasses import dataclass

from odr.sentences import LANGUAGES, sentence


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at and whether it fits."""

    ok: bool
    item: str
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Label:
    """What a signature is called in each language."""

    zh: str
    en: str


def found(item: str, key: str, *, ok: object, **values: object) -> Finding:
    """A finding with both sentences of ``settlement.verify-<key>``."""
    texts = []
    for language in LANGUAGES:
        said = {
            name: getattr(value, language) if isinstance(value, Label) else value
            for name, value in values.items()
        }
        texts.append(sentence(f"settlement.verify-{key}", language, **said))
    return Finding(bool(ok), item, *texts)


def fits(item: str, key: str, **values: object) -> Finding:
    """A finding that says what is right."""
    return found(item, key, ok=True, **values)


def fails(item: str, key: str, **values: object) -> Finding:
    """A finding that says what is wrong."""
    return found(item, key, ok=False, **values)
