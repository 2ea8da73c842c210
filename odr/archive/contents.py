"""Where what lies in a bag, and the form of its rows; it does not know how a bag is written or checked."""

import json
from typing import Any

CASE = "metadata/case.json"
AUDIT = "data/audit/audit.jsonl"
AGREEMENT = "data/documents/agreement.pdf"
MINUTES = "data/minutes"
PAPERS = "data/papers"
RECORDINGS = "data/recordings/"
FILMS = "data/films"
EVIDENCE = "data/evidence"
GATHERED = "archive:gathered"  # its body records the hash of every document and film
CLOSED = "session:closed"  # its body records the head of the recording
FIELDS: dict[str, tuple[type, ...]] = {
    "seq": (int,),
    "case": (str,),
    "at": (str,),
    "actor": (str,),
    "action": (str,),
    "body_hash": (str,),
    "body": (dict, type(None)),
    "salt": (str,),
    "prev": (str,),
    "h": (str,),
}


def row_from_line(line: bytes) -> dict[str, Any] | None:
    """An audit row as it stands in a bag; None when it is not one."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or set(row) != set(FIELDS):
        return None
    fits = all(isinstance(row[name], kinds) for name, kinds in FIELDS.items())
    return row if fits else None
