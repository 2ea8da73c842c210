"""Writes a BagIt 1.0 bag (RFC 8493) that is signed and time-stamped; it does not know what a case is.

A bare bag proves nothing: whoever edits a file can write new manifests. So the tag manifest, which vouches
for the manifest and so for every file, carries a detached CMS signature and an RFC 3161 stamp over it.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from odr import chain
from odr.archive import files, metadata
from odr.archive.metadata import Written
from odr.errors import Refused

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SIGNATURE, STAMP = f"{TAG_MANIFEST}.p7s", f"{TAG_MANIFEST}.p7s.tsr"
COUNTER, COUNTER_KEY = f"{TAG_MANIFEST}.sm2sig", "verify/sm2-public.pem"  # where it is switched on
OUTSIDE, OUTSIDE_ROOTS = f"{SIGNATURE}.tsa.tsr", "verify/tsa-roots.pem"  # the same
LOOSE = frozenset({TAG_MANIFEST, SIGNATURE, STAMP})  # what no manifest can list
HANDOUT = Path(__file__).parent / "handout"
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)+")


@dataclass(frozen=True)
class Item:
    """One file of the bag: ``data/…`` is payload, everything else a tag file.

    A sealed file is opened only when it is read (``source`` called): not all of them lie in memory at once.
    """

    name: str
    source: Path | bytes | Callable[[], bytes]

    def open(self) -> BinaryIO:
        """The content for reading."""
        if isinstance(self.source, Path):
            return self.source.open("rb")
        return BytesIO(self.source if isinstance(self.source, bytes) else self.source())


class Seal(Protocol):
    """Who vouches: ``settlement.authority.Authority`` does."""

    def sign_cms(self, data: bytes) -> bytes:
        """A detached CMS signature, DER."""
        ...

    def stamp(self, digest: bytes, now: datetime) -> bytes:
        """An RFC 3161 token over a SHA-256 digest, DER."""
        ...

    def root_pem(self) -> bytes:
        """The certificate a verifier trusts."""
        ...

    def outside_stamp(self, digest: bytes) -> bytes:
        """A token of an authority outside, DER; empty where there is none."""
        ...

    def outside_roots(self) -> bytes:
        """What stands over its tokens, PEM; empty where there is none."""
        ...

    def counter_key(self) -> bytes:
        """The public SM2 key, PEM; empty where there is no counter-signature."""
        ...

    def counter_sign(self, data: bytes) -> bytes:
        """The SM2/SM3 counter-signature, DER; empty where there is none."""
        ...


@dataclass(frozen=True)
class Contents:
    """What goes in: the files, and the lines of ``bag-info.txt``."""

    items: Iterable[Item]
    info: Mapping[str, str]


def write_bag(folder: Path, contents: Contents, seal: Seal, now: datetime) -> str:
    """Write a whole bag at ``folder`` or nothing; the SHA-256 of its tag manifest."""
    part = folder.with_name(f"{folder.name}.part")
    if part.exists():
        shutil.rmtree(part)  # what a killed predecessor left
    part.mkdir(parents=True)
    written = [_write(part, item) for item in contents.items]
    payload = [one for one in written if one.name.startswith("data/")]
    written += [_write(part, item) for item in [*_described(payload, now), *_handout(seal)]]
    tags = [one for one in written if not one.name.startswith("data/")]
    oxum = f"{sum(one.size for one in payload)}.{len(payload)}"
    lines = {**contents.info, "Bagging-Date": f"{now:%Y-%m-%d}", "Payload-Oxum": oxum}
    tags.append(_top(part, "bagit.txt", DECLARATION))
    tags.append(_top(part, "bag-info.txt", _info(lines)))
    tags.append(_top(part, MANIFEST, _manifest(payload)))
    tag_manifest = _manifest(tags)
    _top(part, TAG_MANIFEST, tag_manifest)
    signature = seal.sign_cms(tag_manifest)
    _top(part, SIGNATURE, signature)
    digest = bytes.fromhex(chain.digest(signature))
    _top(part, STAMP, seal.stamp(digest, now))
    for name, content in (
        (OUTSIDE, seal.outside_stamp(digest)),
        (COUNTER, seal.counter_sign(tag_manifest)),
    ):
        if content:
            _top(part, name, content)
    files.sync_tree(part)
    part.rename(folder)
    files.sync_folder(folder.parent)
    return chain.digest(tag_manifest)


def _described(payload: Sequence[Written], now: datetime) -> list[Item]:
    return [
        Item(metadata.MERKLE, metadata.merkle(payload)),
        Item(metadata.PREMIS, metadata.premis(payload, now)),
        Item(metadata.REPORT, metadata.report(payload, now)),
    ]


def _handout(seal: Seal) -> list[Item]:
    """What a clerk needs who has none of our software."""
    found = [Item(f"verify/{path.name}", path) for path in sorted(HANDOUT.iterdir())]
    further = ((COUNTER_KEY, seal.counter_key()), (OUTSIDE_ROOTS, seal.outside_roots()))
    found += [Item(name, content) for name, content in further if content]
    return [*found, Item("verify/root.pem", seal.root_pem())]


def _write(folder: Path, item: Item) -> Written:
    if not SAFE.fullmatch(item.name):
        raise Refused("archive.bad-name", name=item.name[:100])
    with item.open() as source:
        return Written(item.name, *files.write_once(folder / item.name, source))


def _top(folder: Path, name: str, content: bytes) -> Written:
    return Written(name, *files.write_once(folder / name, BytesIO(content)))


def _manifest(written: Iterable[Written]) -> bytes:
    ordered = sorted(written, key=lambda one: one.name)
    return b"".join(one.line + b"\n" for one in ordered)


def _info(lines: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {' '.join(text.split())}\n" for key, text in lines.items()).encode()
