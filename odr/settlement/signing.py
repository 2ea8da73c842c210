"""Puts signatures on an agreement, one revision each; it does not know rooms, databases or codes.

Order: the platform certifies the text, every party signs, the mediator signs, the organisation seals (PAdES-B-LTA),
and a document time stamp covers the whole file. Each signature is refused on a file that does not fit the ones
before it.
"""

import io
from dataclasses import dataclass
from datetime import datetime

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext

from odr import clock
from odr.errors import Refused, Tampered
from odr.settlement.appearance import draw_seal, draw_signature, stamp_style
from odr.settlement.authority import Authority
from odr.settlement.finish import PLATFORM_FIELD, SEAL_FIELD
from odr.settlement.fonts import FontStack
from odr.settlement.phrases import phrase
from odr.settlement.signer import certificate_of
from odr.settlement.strokes import Strokes
from odr.settlement.verification import broken


@dataclass(frozen=True)
class Desk:
    """What signing needs beside the file: keys and typefaces."""

    authority: Authority
    fonts: FontStack


@dataclass(frozen=True)
class Act:
    """One person signing one field: ``evidence_hash`` is 64 hex digits over what it rests on."""

    field: str
    name: str
    evidence_hash: str
    strokes: Strokes
    now: datetime


def prepare(desk: Desk, pdf: bytes, now: datetime) -> bytes:
    """Certify the text before anyone signs: later only the waiting fields may be filled."""
    if any(fields(pdf).values()):
        raise Refused("settlement.already-signed", name=desk.authority.organisation)
    metadata = PdfSignatureMetadata(
        field_name=PLATFORM_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        reason="协议文本固定 text certified",
    )
    return _signed(desk, pdf, (metadata, desk.authority.platform_signer(now), None), now)


def fields(pdf: bytes) -> dict[str, bool]:
    """The signature fields of an agreement in order, and whether each is signed."""
    reader = PdfFileReader(io.BytesIO(pdf))
    return {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}


def sign(desk: Desk, pdf: bytes, act: Act) -> bytes:
    """One party's or the mediator's signature by an event certificate.

    Refused when the field is unknown, taken or too early; Tampered when the file does not fit the
    signatures it bears.
    """
    _require_open(pdf, act.field, act.name)
    signer = desk.authority.event_signer(act.name, act.evidence_hash, act.now)
    serial = f"{certificate_of(signer).serial_number:X}"
    time = f"{clock.local(act.now):%Y-%m-%d %H:%M:%S} +08:00"
    notes = (
        phrase("sign", "stamp_time", time=time),
        phrase("sign", "stamp_serial", serial=f"{serial[:8]}…{serial[-8:]}"),
    )
    look = stamp_style(draw_signature(desk.fonts, act.strokes, notes))
    metadata = PdfSignatureMetadata(
        field_name=act.field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=act.name,
        reason=f"evidence sha256:{act.evidence_hash}",
    )
    return _signed(desk, pdf, (metadata, signer, look), act.now)


def seal(desk: Desk, pdf: bytes, now: datetime) -> bytes:
    """The organisation's seal and the time stamp over the whole file (PAdES-B-LTA)."""
    authority = desk.authority
    _require_open(pdf, SEAL_FIELD, authority.organisation)
    context = embedding_context(authority, now)
    stamp_settings = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
    metadata = PdfSignatureMetadata(
        field_name=SEAL_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=authority.organisation,
        embed_validation_info=True,
        use_pades_lta=True,
        validation_context=context,
        dss_settings=DSSContentSettings(include_vri=False, next_ts_settings=stamp_settings),
    )
    kind = phrase("sign", "seal_kind")
    look = stamp_style(draw_seal(desk.fonts, authority.organisation, kind))
    return _signed(desk, pdf, (metadata, authority.seal_signer(now), look), now)


def embedding_context(authority: Authority, now: datetime) -> ValidationContext:
    """What is looked up and put into the file, so that it can be checked offline years later."""
    # an authority outside publishes its own revocations: they are fetched where its certificates say
    outside = authority.outside is not None
    return ValidationContext(
        trust_roots=list(authority.stamp_roots()),
        crls=[authority.revocations(now)],
        allow_fetching=outside,
        revocation_mode="soft-fail" if outside else "require",
        moment=None if outside else now,
    )


def _require_open(pdf: bytes, field: str, name: str) -> None:
    found = broken(pdf)
    if found:
        raise Tampered("settlement.file-tampered", item=found[0].item)
    state = fields(pdf)
    if field not in state:
        raise Refused("settlement.field-unknown", field=field)
    if state[field]:
        raise Refused("settlement.already-signed", name=name)
    if missing := [other for other in _before(field, list(state)) if not state[other]]:
        raise Refused("settlement.signs-too-early", missing="、".join(missing))


def _before(field: str, names: list[str]) -> list[str]:
    parties = [name for name in names if name.startswith("party-")]
    if field in parties:
        return [PLATFORM_FIELD]
    others = [name for name in names if name not in (field, SEAL_FIELD)]
    return others if field == SEAL_FIELD else [PLATFORM_FIELD, *parties]


def _signed(
    desk: Desk,
    pdf: bytes,
    how: tuple[PdfSignatureMetadata, Signer, StaticStampStyle | None],
    now: datetime,
) -> bytes:
    metadata, signer, look = how
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    pen = PdfSigner(metadata, signer, timestamper=desk.authority.timestamper(now), stamp_style=look)
    out = io.BytesIO()
    pen.sign_pdf(writer, existing_fields_only=True, output=out)
    return out.getvalue()
