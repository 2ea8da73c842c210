"""The texts to which a party consents, by purpose and language; it does not know who has consented."""

from functools import cache
from pathlib import Path

from odr import chain
from odr.errors import NotFound

FOLDER = Path(__file__).parent / "wording"
PURPOSES = ("online_mediation", "recording")


@cache
def text(purpose: str, language: str) -> tuple[str, str, str]:
    """Version, text as shown, and SHA-256 of exactly that text."""
    if purpose not in PURPOSES:
        raise NotFound
    language = language if language in {"zh", "en"} else "zh"
    head, _, body = (FOLDER / f"{purpose}.{language}.md").read_text("utf-8").partition("\n\n")
    shown = body.strip()
    return head.removeprefix("version:").strip(), shown, chain.digest(shown.encode())


def known_hashes(purpose: str) -> frozenset[str]:
    """The hashes of the present text in both languages."""
    return frozenset(text(purpose, language)[2] for language in ("zh", "en"))
