"""Checks a bag without trusting it: every file, every manifest, signature, stamp; it does not know what is in it.

A bag comes from strangers: links are not followed, names that lead out of the folder are findings, and the
small files are read up to a limit.
"""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from odr import chain
from odr.archive import bag, files, metadata, proof
from odr.errors import Tampered
from odr.recordings.finding import Finding
from odr.sentences import sentence
from odr.settlement import sm2
from odr.settlement.countersign import LABEL
from odr.settlement.stampcheck import stamped_at

LINE = re.compile(rb"([0-9a-fA-F]{64}) [ *]([^\r\n]+)")
LARGEST_TAG = 32 << 20
ROOT = "verify/root.pem"


@dataclass(frozen=True)
class Opened:
    """A bag as it lies there: present files with their hash, and who is trusted."""

    folder: Path
    present: Mapping[str, str]
    sizes: Mapping[str, int]
    root: proof.Root | None

    def read(self, name: str) -> bytes:
        """A small file; Tampered when it is missing or too big."""
        if name not in self.present:
            raise Tampered("archive.file-missing", item=name)
        if self.sizes[name] > LARGEST_TAG:
            raise Tampered("archive.verify-unreadable", why=f"{self.sizes[name]} bytes")
        return (self.folder / name).read_bytes()


def said(key: str, **values: object) -> str:
    """A sentence in both languages."""
    return f"{sentence(key, 'zh', **values)} / {sentence(key, 'en', **values)}"


def found(item: str, key: str, *, ok: bool, **values: object) -> Finding:
    """A finding with the sentence ``archive.verify-<key>``."""
    return Finding(ok, item, said(f"archive.verify-{key}", **values))


def refused(item: str, error: Tampered) -> Finding:
    """What did not fit, in the words of the check that saw it."""
    return Finding(False, item, f"{error.sentence('zh')} / {error.sentence('en')}")  # noqa: FBT003


def check_bag(folder: Path, roots: Sequence[bytes] | None = None) -> tuple[Opened, list[Finding]]:
    """The opened bag and one finding per check; ``roots`` are trusted certificates in PEM."""
    special = [found(name, "special", ok=False) for name in _special(folder)]
    present, sizes = {}, {}
    for name, path in _regular(folder):
        with path.open("rb") as file:
            sizes[name], present[name] = files.digest_of(file)
    opened = Opened(folder, present, sizes, None)
    findings = [*special, *_listed(opened), _declaration(opened), _tree(opened)]
    try:
        root = proof.Root.from_pem(opened.read(ROOT))
    except Tampered as error:
        return opened, [*findings, refused(ROOT, error)]
    opened = Opened(folder, present, sizes, root)
    findings += [_root(root, roots), *_seal(opened, root), *_outside(opened), *_counter(opened)]
    return opened, findings


def _walk(folder: Path) -> Iterator[tuple[str, Path, int]]:
    for here, folders, names in os.walk(folder, followlinks=False):
        for name in sorted([*folders, *names]):
            path = Path(here) / name
            yield path.relative_to(folder).as_posix(), path, path.lstat().st_mode


def _special(folder: Path) -> list[str]:
    return [n for n, _, mode in _walk(folder) if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))]


def _regular(folder: Path) -> list[tuple[str, Path]]:
    return [(name, path) for name, path, mode in _walk(folder) if stat.S_ISREG(mode)]


def _listed(opened: Opened) -> Iterator[Finding]:
    """Every file against the manifests, and the manifests against the files."""
    listed: dict[str, str] = {}
    for manifest, payload in ((bag.MANIFEST, True), (bag.TAG_MANIFEST, False)):
        try:
            lines = opened.read(manifest).splitlines()
        except Tampered as error:
            yield refused(manifest, error)
            continue
        for number, line in enumerate(lines, 1):
            entry = _entry(line, payload=payload)
            if entry is None or entry[0] in listed:
                yield found(manifest, "bad-line", ok=False, line=number)
            else:
                listed[entry[0]] = entry[1]
    good = 0
    further = {bag.COUNTER_KEY: bag.COUNTER, bag.OUTSIDE_ROOTS: bag.OUTSIDE}
    loose = bag.LOOSE | {name for key, name in further.items() if key in listed}
    for name in sorted({*listed, *opened.present} - loose):
        verdict = _verdict(listed.get(name), opened.present.get(name))
        good += not verdict
        if verdict:
            yield found(name, verdict, ok=False)
    yield found("manifest", "file-ok", ok=True, count=good)


def _verdict(listed: str | None, present: str | None) -> str:
    if listed == present:
        return ""
    if present is None:
        return "file-missing"
    return "file-extra" if listed is None else "file-changed"


def _entry(line: bytes, *, payload: bool) -> tuple[str, str] | None:
    match = LINE.fullmatch(line)
    if match is None:
        return None
    try:
        name = match[2].decode()
    except UnicodeDecodeError:
        return None
    parts = name.split("/")
    safe = all(part not in ("", ".", "..") for part in parts) and "\\" not in name
    right_place = (parts[0] == "data" and len(parts) > 1) == payload
    return (name, match[1].decode().lower()) if safe and right_place else None


def _declaration(opened: Opened) -> Finding:
    payload = [size for name, size in opened.sizes.items() if name.startswith("data/")]
    oxum = f"Payload-Oxum: {sum(payload)}.{len(payload)}".encode()
    try:
        fits = opened.read("bagit.txt") == bag.DECLARATION
        fits = fits and oxum in opened.read("bag-info.txt").splitlines()
    except Tampered as error:
        return refused("bagit.txt", error)
    return found("bag-info.txt", "declaration" if fits else "declaration-bad", ok=fits)


def _tree(opened: Opened) -> Finding:
    try:
        leaves = opened.read(bag.MANIFEST).splitlines()
        told = read_json(opened, metadata.MERKLE)
    except Tampered as error:
        return refused(metadata.MERKLE, error)
    fits = (told.get("root"), told.get("size")) == (metadata.merkle_root(leaves), len(leaves))
    return found(metadata.MERKLE, "merkle" if fits else "merkle-wrong", ok=fits)


def _root(root: proof.Root, roots: Sequence[bytes] | None) -> Finding:
    trusted = not roots or root.fingerprint in {
        proof.Root.from_pem(one).fingerprint for one in roots
    }
    key = "root" if trusted else "root-foreign"
    return found(ROOT, key, ok=trusted, fingerprint=root.fingerprint)


def _seal(opened: Opened, root: proof.Root) -> Iterator[Finding]:
    try:
        signature = opened.read(bag.SIGNATURE)
        name = proof.check_signature(opened.read(bag.TAG_MANIFEST), signature, root)
        yield found(bag.SIGNATURE, "signature", ok=True, name=name)
    except Tampered as error:
        yield refused(bag.SIGNATURE, error)
    try:
        moment = proof.check_stamp(opened.read(bag.SIGNATURE), opened.read(bag.STAMP), root)
        yield found(bag.STAMP, "stamp", ok=True, moment=moment.isoformat())
    except Tampered as error:
        yield refused(bag.STAMP, error)


def _outside(opened: Opened) -> Iterator[Finding]:
    """The stamp of an authority outside, when the signed manifest lists its roots."""
    if bag.OUTSIDE_ROOTS not in opened.present:
        return
    try:
        roots, token = opened.read(bag.OUTSIDE_ROOTS), opened.read(bag.OUTSIDE)
        digest = bytes.fromhex(chain.digest(opened.read(bag.SIGNATURE)))
        moment = stamped_at(token, digest, roots)
    except Tampered as error:
        yield refused(bag.OUTSIDE, error)
        return
    if moment is None:
        yield refused(bag.OUTSIDE, Tampered("archive.stamp-wrong"))
    else:
        yield found(bag.OUTSIDE, "stamp-outside", ok=True, moment=moment.isoformat())


def _counter(opened: Opened) -> Iterator[Finding]:
    """The SM2 counter-signature, when the signed manifest lists a key for it; it may not be torn off."""
    if bag.COUNTER_KEY not in opened.present:
        return
    try:
        key, manifest = opened.read(bag.COUNTER_KEY), opened.read(bag.TAG_MANIFEST)
        good = sm2.verify(key, manifest, opened.read(bag.COUNTER))
    except Tampered as error:
        yield refused(bag.COUNTER, error)
        return
    yield found(bag.COUNTER, "counter" if good else "counter-wrong", ok=good, label=LABEL)


def read_json(opened: Opened, name: str) -> dict[str, object]:
    """A JSON object of the bag; Tampered when it is none."""
    try:
        body = json.loads(opened.read(name))
    except (ValueError, RecursionError) as error:
        raise Tampered("archive.verify-unreadable", why=type(error).__name__) from error
    if not isinstance(body, dict):
        raise Tampered("archive.verify-unreadable", why="no object")
    return body
