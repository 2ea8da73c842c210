"""What is said to people, by key and language; it does not know when it is said.

The sentences stand side by side, Chinese and English, in ``odr/wording/*.toml``: one file per room,
``[key]`` with ``zh`` and ``en``. A house test refuses a key without a sentence or a language.
"""

import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "wording"
LANGUAGES = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences: ``{"room.what": {"zh": ..., "en": ...}}``."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, texts in tomllib.loads(path.read_text("utf-8")).items():
            found[f"{path.stem}.{name}"] = texts
    return found


def sentence(key: str, language: str = "zh", **values: object) -> str:
    """One sentence with its places filled; an unknown key is shown as it is, never as a traceback."""
    texts = catalogue().get(key)
    if texts is None:
        return key
    return texts[language if language in LANGUAGES else "zh"].format(**values)
