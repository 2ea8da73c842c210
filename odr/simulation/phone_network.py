"""The simulated phone network: what was texted to whom; it does not know why.

The console SMS provider appends every message to ``<data>/sms-simulated.jsonl``; a robot reads there
what a person would read on her phone, and nothing else.
"""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from odr import clock
from odr.errors import Unavailable

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
LINK = re.compile(r"https?://\S+?/i/[A-Za-z0-9_.~-]+")


@dataclass(frozen=True)
class PhoneNetwork:
    """Reads one installation's texted messages."""

    path: Path

    def messages(self, phone: str) -> list[str]:
        """All texts sent to one number, oldest first."""
        if not self.path.exists():
            return []
        whole = self.path.read_text("utf-8").rpartition("\n")[0]
        rows = [json.loads(line) for line in whole.splitlines() if line]
        return [str(row["text"]) for row in rows if row["phone"] == phone]

    def code(self, phone: str, *, after: int, seconds: float = 10) -> str:
        """The six digits in the next text after the first ``after`` ones."""
        return self._next(phone, CODE, after, seconds)

    def link(self, phone: str, *, after: int = 0, seconds: float = 10) -> str:
        """The personal link in the next text after the first ``after`` ones."""
        return self._next(phone, LINK, after, seconds)

    def _next(self, phone: str, pattern: re.Pattern[str], after: int, seconds: float) -> str:
        deadline = clock.monotonic() + seconds
        while clock.monotonic() < deadline:
            for text in self.messages(phone)[after:]:
                if found := pattern.search(text):
                    return found.group()
            time.sleep(0.03)
        raise Unavailable("simulation.no-message", phone=f"{phone[:3]}****{phone[-4:]}")
