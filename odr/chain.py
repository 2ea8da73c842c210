"""A hash chain: each link vouches for all before it; it does not know what the links mean.

``h = SHA-256(0x00 ‖ prev ‖ canonical(body))``. The same chain serves the audit log and the recording's
manifest. A chain alone does not show that its tail was cut: heads must be anchored elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

GENESIS = "0" * 64


def canonical(body: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """One byte string per JSON value: sorted keys, no spaces, UTF-8 (after RFC 8785, integers only)."""
    return json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def link(prev: str, body: Mapping[str, Any]) -> str:
    """The hash of the next link after ``prev`` (64 hex digits)."""
    return digest(b"\x00" + bytes.fromhex(prev) + canonical(body))


def first_broken(
    links: Iterable[tuple[str, Mapping[str, Any], str]], start: str = GENESIS
) -> int | None:
    """Index of the first ``(prev, body, h)`` that does not fit its predecessor, or None."""
    head = start
    for index, (prev, body, h) in enumerate(links):
        if prev != head or link(prev, body) != h:
            return index
        head = h
    return None
