"""One line of a verdict: what was checked and whether it fits; it does not know how it was checked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``ok`` or not, the ``item`` (a file or an entry) it is about, and a sentence for a person."""

    ok: bool
    item: str
    text: str
