"""A simulated telephone network for demonstrations: texts go to a file and to stderr; it reaches nobody."""

import json
import os
import sys
from pathlib import Path

from odr import clock
from odr.errors import Refused
from odr.settings import private_folder


class ConsoleSms:
    """Appends ``{"at", "phone", "text"}`` to ``<data>/sms-simulated.jsonl``; refuses production."""

    def __init__(self, data: Path, *, production: bool) -> None:
        """Refused in production: nobody would get her code."""
        if production:
            raise Refused("identity.sms-simulated")
        private_folder(data)
        self._path = data / "sms-simulated.jsonl"

    def send(self, phone: str, text: str) -> None:
        """Keep one text where a robot or a visitor finds it."""
        row = {"at": clock.now().isoformat(), "phone": phone, "text": text}
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab", buffering=0) as file:
            file.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())
        sys.stderr.write(f"simulated SMS to {phone}: {text}\n")
