"""What a party brings: a picture or a PDF, kept byte for byte; it does not judge what it proves.

On disk it is sealed with the key of its case: when that key is destroyed no backup can be read either.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from PIL import Image, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from odr import audit, chain
from odr.cases.models import Case, Evidence, Party
from odr.cases.status import CaseStatus
from odr.errors import Refused, Tampered, Unavailable
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.identity.vault import CASE_VERSION, Vault
from odr.settings import private_file

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 80_000_000
MOST_FILES = 50
TAIL = 2048
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
CLAIMS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
}
OVER = frozenset({CaseStatus.CLOSED, CaseStatus.ARCHIVED, CaseStatus.RETURNED})


@dataclass(frozen=True)
class Upload:
    """A file as it came: what the party calls it, its name on her device, its bytes."""

    title: str
    filename: str
    data: bytes = field(repr=False)


def add_evidence(  # noqa: PLR0913, PLR0917 -- who, whose, what and where to: none can be left out
    session: Session, ctx: Ctx, case: Case, party: Party, upload: Upload, files_dir: Path
) -> Evidence:
    """Look into a file and keep it; Refused when it is not what it says, empty or too big."""
    if case.status in OVER:
        raise Refused("cases.is-over")
    person = session.get(Person, party.person_id) if party.person_id else None
    if person is None or person.level == "I0":
        raise Refused("cases.register-first")
    media_type = sniff(upload)
    present = list(session.scalars(select(Evidence).where(Evidence.case_id == case.id)))
    if len(present) >= MOST_FILES:
        raise Refused("cases.too-many-files", most=MOST_FILES)
    digest = chain.digest(upload.data)
    if any(row.sha256 == digest and row.party_id == party.id for row in present):
        raise Refused("cases.same-file")
    row = Evidence(
        id=uuid4(),
        case_id=case.id,
        party_id=party.id,
        title=upload.title.strip() or upload.filename,
        media_type=media_type,
        size=len(upload.data),
        sha256=digest,
        at=ctx.now,
    )
    path = files_dir / "evidence" / str(case.id) / f"{row.id}{SUFFIXES[media_type]}"
    if case.data_key is None:  # filed before cases had keys
        case.data_key = ctx.vault.new_case_key(case.id)
    own = ctx.vault.of_case(case.data_key, case.id)
    private_file(path, own.seal_bytes(upload.data, context=_context(row)))
    row.path = str(path)
    session.add(row)
    session.flush()
    body = {"evidence": str(row.id), "sha256": digest, "size": row.size}
    actor = audit.Actor.person(person.id)
    audit.record(session, audit.Fact("evidence:added", actor, ctx.now, case.id, body))
    return row


def read_evidence(vault: Vault, case: Case, row: Evidence, path: Path) -> bytes:
    """A file as it was brought; ``path`` is where it lies now.

    Unavailable when the file or the key of the case is gone, Tampered when it is not what was brought.
    """
    return evidence_reader(vault, case, row, path)()


def evidence_reader(vault: Vault, case: Case, row: Evidence, path: Path) -> Callable[[], bytes]:
    """Reads it when it is called, also when the rows are no longer at hand; raises as ``read_evidence``."""
    wrapped, case_id, context = case.data_key, case.id, _context(row)
    title, sha256 = row.title, row.sha256

    def read() -> bytes:
        try:
            kept = path.read_bytes()
        except OSError as error:
            raise Unavailable("cases.evidence-gone", permanent=True) from error
        if kept[:1] == CASE_VERSION:  # no picture and no PDF begins like that
            if wrapped is None:
                raise Unavailable("cases.evidence-gone", permanent=True)
            try:
                kept = vault.of_case(wrapped, case_id).open_bytes(kept, context=context)
            except Tampered as error:
                raise Tampered("cases.evidence-changed", item=title) from error
        if chain.digest(kept) != sha256:
            raise Tampered("cases.evidence-changed", item=title)
        return kept

    return read


def _context(row: Evidence) -> str:
    return f"evidence:{row.id}"


def sniff(upload: Upload) -> str:
    """The media type by the bytes, not by the name; Refused when it is none that we take."""
    data = upload.data
    if not data:
        raise Refused("cases.file-empty")
    if len(data) > MOST_BYTES:
        raise Refused("cases.file-big", most=MOST_BYTES // 1024 // 1024)
    if data.startswith(b"%PDF-"):
        found = "application/pdf"
        if b"%%EOF" not in data[-TAIL:]:
            raise Refused("cases.file-broken")
    else:
        found = _picture(data)
    claimed = CLAIMS.get(Path(upload.filename).suffix.lower())
    if upload.filename and Path(upload.filename).suffix and claimed != found:
        raise Refused("cases.file-not-what-it-says")
    return found


def _picture(data: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused("cases.picture-big")
                found = "image/jpeg" if picture.format == "JPEG" else "image/png"
                picture.load()
    except UnidentifiedImageError as error:
        raise Refused("cases.file-kind") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("cases.picture-big") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("cases.file-broken") from error
    return found
