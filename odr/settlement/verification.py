"""Checks an agreement PDF by our own policy, offline; it does not know the database or who signed in which room.

A library's "valid" is not enough: the required signers must be there in order, a time stamp must cover the whole
file, the certificates must name the persons of the embedded data, and that data's hash must be printed on every
page. Every finding names the item that does not fit.
"""

import asyncio
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import (
    DocumentTimestampStatus,
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko_certvalidator import ValidationContext

from odr import chain, clock
from odr.clock import local
from odr.settlement.certificates import EVENT_UNIT, EVIDENCE_OID, PLATFORM_NAME, shortened
from odr.settlement.document import RENDERER, data_from_json, render
from odr.settlement.findings import Finding, Label, fails, fits, found
from odr.settlement.opening import (
    ATTACHMENT,
    MEDIATOR,
    PLATFORM,
    SEAL,
    STAMP,
    Opened,
    Stamp,
    Trust,
    brought_by,
    embedded_data,
    embedded_roots,
    name_of,
    opened,
    trust,
)
from odr.settlement.previews import page_texts

__all__ = ["Finding", "broken", "embedded_data", "embedded_roots", "verify_pdf"]
logger = logging.getLogger(__name__)
EVIDENCE_PREFIX = "evidence sha256:"
LARGEST_FILE = 64 * 2**20
for library in ("pyhanko", "pyhanko_certvalidator"):  # what they warn of, our findings say better
    logging.getLogger(library).setLevel(logging.CRITICAL)


def verify_pdf(
    data: bytes,
    roots: Sequence[bytes] | None = None,
    stamp_roots: Sequence[bytes] | None = None,
    at: datetime | None = None,
    fonts: Path | None = None,
) -> list[Finding]:
    """Everything that can be said about the file ``at`` a moment, now when None.

    ``roots`` are trusted certificates, PEM or DER; ``stamp_roots`` are trusted for time stamps only;
    ``fonts`` keeps the unpacked typefaces for the next time.
    """

    def work() -> list[Finding]:
        return _verify(data, (roots, stamp_roots), at or clock.now(), fonts)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1) as thread:  # the signature library starts an event loop of its own
        return thread.submit(work).result()


def _verify(
    data: bytes,
    roots: tuple[Sequence[bytes] | None, Sequence[bytes] | None],
    at: datetime,
    fonts: Path | None,
) -> list[Finding]:
    if len(data) > LARGEST_FILE or not data.startswith(b"%PDF-"):
        return [fails("file", "unreadable")]
    try:
        paper = opened(data)
        return list(_findings(paper, trust(paper, *roots), at, fonts))
    except Exception as error:  # hostile bytes may break a parser in any way
        logger.info("agreement cannot be read: %s", type(error).__name__)
        return [fails("file", "unreadable")]


def broken(data: bytes) -> list[Finding]:
    """What does not fit before the next signature is made: quick, without names and trust.

    The newest signature covers every byte before it, so it answers for the older ones too: each of them was
    looked at when it was the newest.
    """
    try:
        signatures = list(PdfFileReader(io.BytesIO(data)).embedded_signatures)
        if not signatures:
            return []
        last = signatures[-1]
        name = name_of(last)
        context = ValidationContext(trust_roots=brought_by([last]), allow_fetching=False)
        findings = [
            _integrity(last, _status(last, context, context), Label(name, name)),
            _whole(last, name),
        ]
    except Exception as error:  # hostile bytes may break a parser in any way
        logger.info("agreement cannot be read: %s", type(error).__name__)
        return [fails("file", "unreadable")]
    return [finding for finding in findings if not finding.ok]


def _findings(paper: Opened, trusted: Trust, at: datetime, fonts: Path | None) -> Iterator[Finding]:
    yield fits("file", "file", sha256=chain.digest(paper.data), size=len(paper.data))
    yield from _roots(trusted)
    signed = [
        item
        for signature, stamp in zip(paper.signatures, paper.stamps, strict=True)
        for item in _signature_or_damage(paper, trusted, (signature, stamp))
    ]
    yield from signed
    yield from _policy(paper)
    yield from _lasting(paper, at)
    yield from _names(paper)
    yield from _content(paper)
    if all(item.ok for item in signed):
        yield _rebuilt(paper, fonts)


def _roots(trusted: Trust) -> Iterator[Finding]:
    if not trusted.signers:
        yield fails("trust", "no-root")
    key = "root-trusted" if trusted.given else "root-embedded"
    for root in trusted.signers:
        yield fits("trust", key, fingerprint=root.sha256.hex())
    known = {root.sha256 for root in trusted.signers}
    for root in trusted.stamps:
        if root.sha256 not in known:
            yield fits("trust", f"stamp-{key}", fingerprint=root.sha256.hex())


def _status(
    signature: EmbeddedPdfSignature, context: ValidationContext, stamps: ValidationContext
) -> PdfSignatureStatus | DocumentTimestampStatus:
    if name_of(signature) == STAMP:
        return validate_pdf_timestamp(signature, stamps)
    return validate_pdf_signature(signature, context, stamps)


def _integrity(
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus | DocumentTimestampStatus,
    label: Label,
) -> Finding:
    name = name_of(signature)
    if not (status.intact and status.valid):
        return fails(name, "bytes-changed", name=label)
    whole = status.coverage in (
        SignatureCoverageLevel.ENTIRE_REVISION,
        SignatureCoverageLevel.ENTIRE_FILE,
    )
    if not whole or status.docmdp_ok is False:
        return fails(name, "modified-later", name=label)
    return fits(name, "intact", name=label)


def _whole(signature: EmbeddedPdfSignature, item: str) -> Finding:
    whole = signature.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE
    return found(item, "whole" if whole else "not-whole", ok=whole)


def _signature(
    paper: Opened, trusted: Trust, pair: tuple[EmbeddedPdfSignature, Stamp | None]
) -> Iterator[Finding]:
    signature, stamp = pair
    name = name_of(signature)
    label = paper.label(name)
    if stamp is None:
        yield fails(name, "no-stamp", name=label)
        return
    contexts = [
        ValidationContext(
            trust_roots=roots,
            other_certs=[*signature.other_embedded_certs, *paper.brought],
            crls=paper.revocations,
            allow_fetching=False,
            revocation_mode="soft-fail",
            retroactive_revinfo=True,
            moment=stamp.moment,
        )
        for roots in (trusted.signers, trusted.stamps)
    ]
    status = _status(signature, contexts[0], contexts[1])
    integrity = _integrity(signature, status, label)
    yield integrity
    if not integrity.ok:
        return
    told = {"time": f"{local(stamp.moment):%Y-%m-%d %H:%M:%S}", "stamp": stamp.label}
    key = "trusted" if status.trusted else "issuer-unknown"
    yield found(name, key, ok=status.trusted, name=label, **told)
    if isinstance(status, PdfSignatureStatus):
        valid = status.timestamp_validity
        held = valid and valid.valid and valid.trusted
        yield found(name, "stamped" if held else "stamp-unknown", ok=held, name=label, **told)


def _signature_or_damage(
    paper: Opened, trusted: Trust, pair: tuple[EmbeddedPdfSignature, Stamp | None]
) -> list[Finding]:
    try:
        return list(_signature(paper, trusted, pair))
    except Exception as error:  # a forged signature may break its parser; the others still count
        logger.info("signature cannot be read: %s", type(error).__name__)
        name = name_of(pair[0])
        return [fails(name, "bytes-changed", name=paper.label(name))]


def _lasting(paper: Opened, at: datetime) -> Iterator[Finding]:
    """A document time stamp proves while its certificate lives; before that the next must cover it."""
    stamps = [
        stamp
        for signature, stamp in zip(paper.signatures, paper.stamps, strict=True)
        if stamp and name_of(signature) == STAMP
    ]
    moments = [*(stamp.moment for stamp in stamps[1:]), at]
    for stamp, until in zip(stamps, moments, strict=False):
        end = stamp.certificate.not_valid_after
        key = "lasts" if until <= end else "lapsed"
        yield found(STAMP, key, ok=until <= end, end=f"{local(end):%Y-%m-%d}")


def _policy(paper: Opened) -> Iterator[Finding]:
    names = [name_of(signature) for signature in paper.signatures]
    parties = [f"party-{number}" for number in range(1, len(paper.body["parties"]) + 1)]
    for name in [PLATFORM, *parties, MEDIATOR, SEAL, STAMP]:
        if name not in names:
            yield fails(name, "missing", name=paper.label(name))
    for name in names:
        if name not in (PLATFORM, *parties, MEDIATOR, SEAL, STAMP):
            yield fails(name, "unexpected", name=name)
    ranks = [_rank(name) for name in names]
    moments = [stamp.moment for stamp in paper.stamps if stamp]
    in_order = ranks == sorted(ranks) and moments == sorted(moments)
    yield found(
        "order", "order" if in_order else "out-of-order", ok=in_order, names=_chain(paper, names)
    )
    if paper.signatures:
        level = paper.signatures[0].docmdp_level
        yield found(PLATFORM, "certified", ok=level == MDPPerm.FILL_FORMS)
        yield _whole(paper.signatures[-1], STAMP)


def _chain(paper: Opened, names: list[str]) -> Label:
    labels = [paper.label(name) for name in names]
    return Label(" → ".join(x.zh for x in labels), " → ".join(x.en for x in labels))


def _rank(name: str) -> int:
    return {PLATFORM: 0, MEDIATOR: 2, SEAL: 3, STAMP: 4}.get(name, 1)


def _names(paper: Opened) -> Iterator[Finding]:
    body = paper.body
    expected = {f"party-{n}": str(row["name"]) for n, row in enumerate(body["parties"], 1)}
    expected |= {MEDIATOR: str(body["mediator"]), SEAL: str(body["organisation"])}
    expected[PLATFORM] = PLATFORM_NAME
    for signature in paper.signatures:
        name = name_of(signature)
        if name not in expected:
            continue
        subject = signature.signer_cert.subject.native
        given = str(subject.get("common_name"))
        # all certificates have one root: a person's must not pass for the seal, nor the seal's for hers
        unit = name if name in (PLATFORM, SEAL) else EVENT_UNIT
        same = (
            given == shortened(expected[name]) and subject.get("organizational_unit_name") == unit
        )
        key = "name" if same else "name-differs"
        yield found(
            name, key, ok=same, name=paper.label(name), given=given, expected=expected[name]
        )
        if unit == EVENT_UNIT:
            yield _evidence(signature, name, paper.label(name))


def _evidence(signature: EmbeddedPdfSignature, name: str, label: Label) -> Finding:
    reason = str(signature.sig_object.get("/Reason", ""))
    said = reason.removeprefix(EVIDENCE_PREFIX)
    held = next(
        (
            item["extn_value"].native[2:].hex()
            for item in signature.signer_cert["tbs_certificate"]["extensions"]
            if item["extn_id"].dotted == EVIDENCE_OID
        ),
        "",
    )
    same = held and held == said
    return found(name, "evidence" if same else "evidence-differs", ok=same, name=label, hash=held)


def _content(paper: Opened) -> Iterator[Finding]:
    body = paper.body
    terms = body["terms"]
    paid = sum(line["amount_fen"] for line in terms["instalments"])
    yield found(
        ATTACHMENT, "sums", ok=paid == terms["total_fen"], total=terms["total_fen"], paid=paid
    )
    digest = chain.digest(chain.canonical(body))
    pages = page_texts(paper.data)
    for number, text in enumerate(pages, 1):
        printed = digest[:32] in text and digest[32:] in text
        if not printed:
            yield fails(ATTACHMENT, "hash-differs", page=number, hash=digest)
    if all(digest[:32] in text and digest[32:] in text for text in pages):
        yield fits(ATTACHMENT, "hash-printed", hash=digest, pages=len(pages))


def _rebuilt(paper: Opened, fonts: Path | None) -> Finding:
    """Typeset the data again: the certified file must begin with exactly these bytes."""
    renderer = str(paper.body.get("renderer", ""))
    if renderer != RENDERER:
        return fits("rebuild", "not-rebuilt", renderer=renderer)
    with tempfile.TemporaryDirectory() as cache:
        typeset = render(data_from_json(paper.body), fonts or Path(cache))
    same = paper.data.startswith(typeset)
    return found("rebuild", "rebuilt" if same else "rebuild-differs", ok=same, size=len(typeset))
