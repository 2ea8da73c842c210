"""Checks one agreement PDF from the command line, quickly; it loads neither the database nor the rest of the archive."""

import re
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import pem

from odr import chain
from odr.archive.bagcheck import found
from odr.errors import Refused
from odr.recordings.finding import Finding
from odr.settings import private_folder
from odr.settlement import verification

FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def paper_command(path: Path, trust: str = "", stamps: Path | None = None) -> tuple[list[str], int]:
    """The lines for a terminal and the exit code; ``trust`` and ``stamps`` as for a bag."""
    data, pinned = path.read_bytes(), [stamps.read_bytes()] if stamps else []
    fonts = unpacked_fonts()

    def checked(roots: Sequence[bytes] | None) -> list[Finding]:
        findings = verification.verify_pdf(data, roots, pinned if roots else (), fonts=fonts)
        return lines_of(path.name, findings)

    if not trust:
        return told(checked(None))
    named = pinned_roots(verification.embedded_roots(data), trust)
    return told(checked(named) if named else [*checked(None), foreign(path.name, trust)])


def unpacked_fonts() -> Path | None:
    """Where the typefaces are kept unpacked for the next time, in the person's own folder; None: nowhere."""
    try:
        return private_folder(Path.home() / ".cache" / "odr-fonts")
    except (OSError, RuntimeError):
        return None


def pinned_roots(brought: Sequence[bytes], trust: str) -> list[bytes]:
    """The root that is trusted: of the file ``trust``, or that of ``brought`` with this SHA-256; [] for neither."""
    if Path(trust).is_file():
        return [Path(trust).read_bytes()]
    wanted = _fingerprint(trust)
    if not FINGERPRINT.fullmatch(wanted):
        raise Refused("archive.trust-unknown", trust=trust[:100])
    return [root for root in brought if chain.digest(_der(root)) == wanted]


def foreign(item: str, trust: str) -> Finding:
    """What was checked did not come with the trusted root."""
    return found(item, "root-foreign", ok=False, fingerprint=_fingerprint(trust))


def lines_of(item: str, findings: Sequence[verification.Finding]) -> list[Finding]:
    """The findings on a paper as the archive writes them."""
    return [
        Finding(one.ok, f"{item} {one.item}", f"{one.text_zh} / {one.text_en}") for one in findings
    ]


def told(checked: Sequence[Finding]) -> tuple[list[str], int]:
    """Findings as lines, those that do not fit last, and the exit code."""
    findings = sorted(checked, key=lambda one: not one.ok)
    lines = [f"{'ok ' if one.ok else 'BAD'}  {one.item}: {one.text}" for one in findings]
    return lines, 0 if findings and all(one.ok for one in findings) else 1


def _fingerprint(trust: str) -> str:
    return trust.replace(":", "").replace(" ", "").lower()


def _der(root: bytes) -> bytes:
    return pem.unarmor(root)[2] if pem.detect(root) else root
