"""The lines of a recording's manifest: how one is made, read and signed; it does not know films.

A line is ``{"seq", "t_ms", "prev", "h", "sig", "body"}``: ``h`` chains seq, t_ms and body to the line
before, ``sig`` is the recorder's Ed25519 signature over the 32 bytes of ``h``.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from odr import chain

NAME = "manifest.jsonl"
FIELDS = {"seq", "t_ms", "prev", "h", "sig", "body"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; ``body["kind"]`` is header, segment, mark, gap, recovered or sealed."""

    seq: int
    t_ms: int
    prev: str
    h: str
    sig: str
    body: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """What the line tells."""
        return str(self.body.get("kind", ""))

    def line(self) -> bytes:
        """As it stands in the file, newline included."""
        return chain.canonical({name: getattr(self, name) for name in FIELDS}) + b"\n"

    def chained(self) -> dict[str, Any]:
        """What ``h`` vouches for besides the lines before."""
        return {"seq": self.seq, "t_ms": self.t_ms, "body": self.body}

    def fits(self) -> bool:
        """Whether ``h`` is the hash of this content after ``prev``."""
        return chain.link(self.prev, self.chained()) == self.h

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether ``sig`` is that key's signature."""
        try:
            key.verify(base64.b64decode(self.sig, validate=True), bytes.fromhex(self.h))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def following(
    last: Entry | None, body: Mapping[str, Any], t_ms: int, key: Ed25519PrivateKey
) -> Entry:
    """The next line after ``last``; its time never runs backwards."""
    seq, prev, floor = (last.seq + 1, last.h, last.t_ms) if last else (0, chain.GENESIS, 0)
    chained = {"seq": seq, "t_ms": max(t_ms, floor), "body": dict(body)}
    h = chain.link(prev, chained)
    sig = base64.b64encode(key.sign(bytes.fromhex(h))).decode()
    return Entry(seq, max(t_ms, floor), prev, h, sig, dict(body))


def parse(line: bytes) -> Entry | None:
    """A line as an entry; None when it is not one."""
    try:
        raw = json.loads(line)
        if not isinstance(raw, dict) or set(raw) != FIELDS or not isinstance(raw["body"], dict):
            return None
        prev, h, sig = (str(raw[name]) for name in ("prev", "h", "sig"))
        entry = Entry(int(raw["seq"]), int(raw["t_ms"]), prev, h, sig, raw["body"])
        bytes.fromhex(entry.prev + entry.h)
        chain.canonical(
            entry.chained()
        )  # what cannot be hashed (NaN, half a character) is no entry
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return entry


def lines(folder: Path) -> tuple[list[bytes], bytes]:
    """The whole lines of the manifest and the torn rest behind the last newline."""
    *whole, rest = (folder / NAME).read_bytes().split(b"\n")
    return whole, rest


def public_key(entry: Entry) -> Ed25519PublicKey | None:
    """The recorder's key as the header says; None when there is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(entry.body["public_key"])))
    except (KeyError, ValueError):
        return None


def write_at(handle: int, data: bytes, offset: int) -> None:
    """Write all of it at a place of an open file, onto the disk; OSError when the disk is full."""
    rest = memoryview(data)
    while rest:
        count = os.pwrite(handle, rest, offset)
        rest, offset = rest[count:], offset + count
    os.fdatasync(handle)  # the size is part of the data
