"""Checks an agreement PDF by our own policy, offline; it does not know the database or who signed in which room.

A library's "valid" is not enough: the required signers must be there in order, a time stamp must cover the whole
file, the certificates must name the persons of the embedded data, and that data's hash must be printed on every
page. Every finding names the item that does not fit.
"""

import asyncio
import io
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
from asn1crypto import crl, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    DocumentTimestampStatus,
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import ValidationContext

from odr import chain
from odr.clock import local
from odr.sentences import LANGUAGES, sentence
from odr.settlement.authority import EVENT_UNIT, EVIDENCE_OID, PLATFORM_NAME, shortened
from odr.settlement.document import RENDERER, data_from_json, render
from odr.settlement.phrases import phrase
from odr.settlement.previews import page_texts

logger = logging.getLogger(__name__)
PLATFORM, MEDIATOR, SEAL, STAMP = "platform", "mediator", "seal", "timestamp"
ATTACHMENT = "agreement.json"
EVIDENCE_PREFIX = "evidence sha256:"
LARGEST_FILE, LARGEST_DATA, MOST_PAGES = 64 * 2**20, 2**20, 300
for library in ("pyhanko", "pyhanko_certvalidator"):  # what they warn of, our findings say better
    logging.getLogger(library).setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at and whether it fits."""

    ok: bool
    item: str
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Label:
    """What a signature is called in each language."""

    zh: str
    en: str


def found(item: str, key: str, *, ok: object, **values: object) -> Finding:
    """A finding with both sentences of ``settlement.verify-<key>``."""
    texts = []
    for language in LANGUAGES:
        said = {
            name: getattr(value, language) if isinstance(value, Label) else value
            for name, value in values.items()
        }
        texts.append(sentence(f"settlement.verify-{key}", language, **said))
    return Finding(bool(ok), item, *texts)


def fits(item: str, key: str, **values: object) -> Finding:
    """A finding that says what is right."""
    return found(item, key, ok=True, **values)


def fails(item: str, key: str, **values: object) -> Finding:
    """A finding that says what is wrong."""
    return found(item, key, ok=False, **values)


@dataclass(frozen=True)
class _Opened:
    """An agreement taken apart."""

    data: bytes
    reader: PdfFileReader
    signatures: list[EmbeddedPdfSignature]
    body: dict[str, Any]
    roots: list[x509.Certificate]
    revocations: list[crl.CertificateList]

    def label(self, name: str) -> Label:
        """Who stands behind a signature field, for the report."""
        kind, _, number = name.partition("-")
        if kind == "party" and number.isdecimal() and int(number) <= len(self.body["parties"]):
            row = self.body["parties"][int(number) - 1]
            side = phrase("party", str(row["side"]))
            return Label(f"{side} {row['name']}", f"{name} {row['name']}")
        zh = {PLATFORM: "平台认证", MEDIATOR: "调解员", SEAL: "印章", STAMP: "文件时间戳"}
        return Label(zh.get(name, name), name)


def verify_pdf(data: bytes, roots: Sequence[bytes] | None = None) -> list[Finding]:
    """Everything that can be said about the file; ``roots`` are trusted certificates, PEM or DER."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _verify(data, roots)
    with ThreadPoolExecutor(1) as thread:  # the signature library starts an event loop of its own
        return thread.submit(_verify, data, roots).result()


def _verify(data: bytes, roots: Sequence[bytes] | None) -> list[Finding]:
    if len(data) > LARGEST_FILE or not data.startswith(b"%PDF-"):
        return [fails("file", "unreadable")]
    try:
        return list(_findings(_open(data, roots), trusted=bool(roots)))
    except Exception as error:  # hostile bytes may break a parser in any way
        logger.info("agreement cannot be read: %s", type(error).__name__)
        return [fails("file", "unreadable")]


def broken(data: bytes) -> list[Finding]:
    """What does not fit among the signatures made so far: quick, without names and trust."""
    try:
        reader = PdfFileReader(io.BytesIO(data))
        signatures = list(reader.embedded_signatures)
        roots = _embedded_roots(signatures)
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        findings = [
            _integrity(item, _status(item, context), Label(_name(item), _name(item)))
            for item in signatures
        ]
        if signatures:
            findings.append(_whole(signatures[-1], _name(signatures[-1])))
    except Exception as error:  # hostile bytes may break a parser in any way
        logger.info("agreement cannot be read: %s", type(error).__name__)
        return [fails("file", "unreadable")]
    return [finding for finding in findings if not finding.ok]


def embedded_data(data: bytes) -> dict[str, Any]:
    """The JSON inside an agreement PDF; ValueError or KeyError when there is none."""
    with pikepdf.open(io.BytesIO(data)) as document:
        content = document.attachments[ATTACHMENT].get_file().read_bytes()
        pages = len(document.pages)
    body = json.loads(content) if len(content) < LARGEST_DATA and pages < MOST_PAGES else None
    if not isinstance(body, dict):
        raise ValueError(ATTACHMENT)  # noqa: TRY004 -- one kind of error for one kind of damage
    return body


def embedded_roots(data: bytes) -> list[bytes]:
    """The self-signed certificates (DER) that the signatures bring along; [] when it cannot be read."""
    try:
        found = _embedded_roots(list(PdfFileReader(io.BytesIO(data)).embedded_signatures))
    except Exception as error:  # hostile bytes may break a parser in any way
        logger.info("agreement cannot be read: %s", type(error).__name__)
        return []
    return [root.dump() for root in found]


def _open(data: bytes, roots: Sequence[bytes] | None) -> _Opened:
    reader = PdfFileReader(io.BytesIO(data))
    signatures = list(reader.embedded_signatures)
    known = [_certificate(root) for root in roots] if roots else _embedded_roots(signatures)
    revocations: list[crl.CertificateList] = []
    if "/DSS" in reader.root:
        revocations = [
            crl.CertificateList.load(item.get_object().data)
            for item in DocumentSecurityStore.read_dss(reader).crls
        ]
    return _Opened(data, reader, signatures, embedded_data(data), known, revocations)


def _certificate(root: bytes) -> x509.Certificate:
    if pem.detect(root):
        root = pem.unarmor(root)[2]
    return x509.Certificate.load(root)


def _embedded_roots(signatures: Sequence[EmbeddedPdfSignature]) -> list[x509.Certificate]:
    certificates = [item for signature in signatures for item in signature.other_embedded_certs]
    return list(
        {item.sha256: item for item in certificates if item.issuer == item.subject}.values()
    )


def _findings(opened: _Opened, *, trusted: bool) -> Iterator[Finding]:
    yield fits("file", "file", sha256=chain.digest(opened.data), size=len(opened.data))
    yield from _trust(opened, trusted=trusted)
    signed = [item for one in opened.signatures for item in _signature_or_damage(opened, one)]
    yield from signed
    yield from _policy(opened)
    yield from _names(opened)
    yield from _content(opened)
    if all(item.ok for item in signed):
        yield _rebuilt(opened)


def _trust(opened: _Opened, *, trusted: bool) -> Iterator[Finding]:
    if not opened.roots:
        yield fails("trust", "no-root")
    for root in opened.roots:
        key = "root-trusted" if trusted else "root-embedded"
        yield fits("trust", key, fingerprint=root.sha256.hex())


def _name(signature: EmbeddedPdfSignature) -> str:
    return STAMP if signature.sig_object_type == "/DocTimeStamp" else str(signature.field_name)


def _status(
    signature: EmbeddedPdfSignature, context: ValidationContext
) -> PdfSignatureStatus | DocumentTimestampStatus:
    if _name(signature) == STAMP:
        return validate_pdf_timestamp(signature, context)
    return validate_pdf_signature(signature, context)


def _integrity(
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus | DocumentTimestampStatus,
    label: Label,
) -> Finding:
    name = _name(signature)
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


def _signature(opened: _Opened, signature: EmbeddedPdfSignature) -> Iterator[Finding]:
    name, moment = _name(signature), _moment(signature)
    label = opened.label(name)
    if moment is None:
        yield fails(name, "no-stamp", name=label)
        return
    context = ValidationContext(
        trust_roots=opened.roots,
        other_certs=list(signature.other_embedded_certs),
        crls=opened.revocations,
        allow_fetching=False,
        revocation_mode="soft-fail",
        retroactive_revinfo=True,
        moment=moment,
    )
    status = _status(signature, context)
    integrity = _integrity(signature, status, label)
    yield integrity
    if not integrity.ok:
        return
    key = "trusted" if status.trusted else "issuer-unknown"
    yield found(name, key, ok=status.trusted, name=label, time=f"{local(moment):%Y-%m-%d %H:%M:%S}")
    if isinstance(status, PdfSignatureStatus):
        stamp = status.timestamp_validity
        yield found(name, "stamped", ok=stamp and stamp.valid and stamp.trusted, name=label)


def _signature_or_damage(opened: _Opened, signature: EmbeddedPdfSignature) -> list[Finding]:
    try:
        return list(_signature(opened, signature))
    except Exception as error:  # a forged signature may break its parser; the others still count
        logger.info("signature cannot be read: %s", type(error).__name__)
        name = _name(signature)
        return [fails(name, "bytes-changed", name=opened.label(name))]


def _moment(signature: EmbeddedPdfSignature) -> datetime | None:
    signed = signature.signed_data
    if _name(signature) != STAMP:
        signed = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    if signed is None:
        return None
    moment = signed["encap_content_info"]["content"].parsed["gen_time"].native
    return moment if isinstance(moment, datetime) else None


def _policy(opened: _Opened) -> Iterator[Finding]:
    names = [_name(signature) for signature in opened.signatures]
    parties = [f"party-{number}" for number in range(1, len(opened.body["parties"]) + 1)]
    for name in [PLATFORM, *parties, MEDIATOR, SEAL, STAMP]:
        if name not in names:
            yield fails(name, "missing", name=opened.label(name))
    for name in names:
        if name not in (PLATFORM, *parties, MEDIATOR, SEAL, STAMP):
            yield fails(name, "unexpected", name=name)
    ranks = [_rank(name) for name in names]
    moments = [moment for item in opened.signatures if (moment := _moment(item))]
    in_order = ranks == sorted(ranks) and moments == sorted(moments)
    yield found(
        "order", "order" if in_order else "out-of-order", ok=in_order, names=_chain(opened, names)
    )
    if opened.signatures:
        level = opened.signatures[0].docmdp_level
        yield found(PLATFORM, "certified", ok=level == MDPPerm.FILL_FORMS)
        yield _whole(opened.signatures[-1], STAMP)


def _chain(opened: _Opened, names: list[str]) -> Label:
    labels = [opened.label(name) for name in names]
    return Label(" → ".join(x.zh for x in labels), " → ".join(x.en for x in labels))


def _rank(name: str) -> int:
    return {PLATFORM: 0, MEDIATOR: 2, SEAL: 3, STAMP: 4}.get(name, 1)


def _names(opened: _Opened) -> Iterator[Finding]:
    body = opened.body
    expected = {f"party-{n}": str(row["name"]) for n, row in enumerate(body["parties"], 1)}
    expected |= {MEDIATOR: str(body["mediator"]), SEAL: str(body["organisation"])}
    expected[PLATFORM] = PLATFORM_NAME
    for signature in opened.signatures:
        name = _name(signature)
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
            name, key, ok=same, name=opened.label(name), given=given, expected=expected[name]
        )
        if unit == EVENT_UNIT:
            yield _evidence(signature, name, opened.label(name))


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


def _content(opened: _Opened) -> Iterator[Finding]:
    body = opened.body
    terms = body["terms"]
    paid = sum(line["amount_fen"] for line in terms["instalments"])
    yield found(
        ATTACHMENT, "sums", ok=paid == terms["total_fen"], total=terms["total_fen"], paid=paid
    )
    digest = chain.digest(chain.canonical(body))
    pages = page_texts(opened.data)
    for number, text in enumerate(pages, 1):
        printed = digest[:32] in text and digest[32:] in text
        if not printed:
            yield fails(ATTACHMENT, "hash-differs", page=number, hash=digest)
    if all(digest[:32] in text and digest[32:] in text for text in pages):
        yield fits(ATTACHMENT, "hash-printed", hash=digest, pages=len(pages))


def _rebuilt(opened: _Opened) -> Finding:
    """Typeset the data again: the certified file must begin with exactly these bytes."""
    renderer = str(opened.body.get("renderer", ""))
    if renderer != RENDERER:
        return fits("rebuild", "not-rebuilt", renderer=renderer)
    with tempfile.TemporaryDirectory() as cache:
        paper = render(data_from_json(opened.body), Path(cache))
    same = opened.data.startswith(paper)
    return found("rebuild", "rebuilt" if same else "rebuild-differs", ok=same, size=len(paper))
