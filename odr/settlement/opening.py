"""Takes a signed paper apart: signatures, stamps, embedded data, roots; it does not judge them."""

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pikepdf
from asn1crypto import crl, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from odr.settlement.certificates import TSA
from odr.settlement.findings import Label
from odr.settlement.phrases import phrase
from odr.settlement.stampcheck import certificates_of

logger = logging.getLogger(__name__)
PLATFORM, MEDIATOR, SEAL, STAMP = "platform", "mediator", "seal", "timestamp"
ATTACHMENT = "agreement.json"
LARGEST_DATA, MOST_PAGES = 2**20, 300


@dataclass(frozen=True)
class Stamp:
    """When a time stamp was made, and by whose certificate."""

    moment: datetime
    certificate: x509.Certificate

    @property
    def label(self) -> Label:
        """The authority's name; ours is called internal, because only its operator vouches for it."""
        subject = self.certificate.subject.native
        if subject.get("organizational_unit_name") == TSA:
            return Label("内部时间戳", "internal time stamp")
        name = str(subject.get("common_name") or subject.get("organization_name"))
        return Label(f"时间戳服务 {name}", f"time stamp by {name}")


@dataclass(frozen=True)
class Trust:
    """Whom to believe: roots of signers and roots of time stamps; neither vouches for the other's."""

    signers: list[x509.Certificate]
    stamps: list[x509.Certificate]
    given: bool


@dataclass(frozen=True)
class Opened:
    """A paper taken apart; ``brought`` are the self-signed certificates that it brings along."""

    data: bytes
    reader: PdfFileReader
    signatures: list[EmbeddedPdfSignature]
    body: dict[str, Any]
    brought: list[x509.Certificate]
    revocations: list[crl.CertificateList]

    @cached_property
    def stamps(self) -> list[Stamp | None]:
        """The time stamp of each signature, in order."""
        return [stamp_of(signature) for signature in self.signatures]

    def label(self, name: str) -> Label:
        """Who stands behind a signature field, for the report."""
        kind, _, number = name.partition("-")
        if kind == "party" and number.isdecimal() and int(number) <= len(self.body["parties"]):
            row = self.body["parties"][int(number) - 1]
            side = phrase("party", str(row["side"]))
            return Label(f"{side} {row['name']}", f"{name} {row['name']}")
        zh = {PLATFORM: "平台认证", MEDIATOR: "调解员", SEAL: "印章", STAMP: "文件时间戳"}
        return Label(zh.get(name, name), name)


def opened(data: bytes) -> Opened:
    """Take it apart; anything may be raised by hostile bytes."""
    reader = PdfFileReader(io.BytesIO(data))
    signatures = list(reader.embedded_signatures)
    brought = brought_by(signatures)
    revocations: list[crl.CertificateList] = []
    if "/DSS" in reader.root:
        store = DocumentSecurityStore.read_dss(reader)
        revocations = [crl.CertificateList.load(item.get_object().data) for item in store.crls]
        brought += [
            one
            for one in store.load_certs()
            if one.issuer == one.subject and one.sha256 not in {known.sha256 for known in brought}
        ]
    return Opened(data, reader, signatures, embedded_data(data), brought, revocations)


def trust(
    paper: Opened, roots: Sequence[bytes] | None, stamp_roots: Sequence[bytes] | None
) -> Trust:
    """What is given (PEM or DER); nothing given: what the paper brings along, and the report says so."""
    if not roots:
        return Trust(brought_by(paper.signatures), paper.brought, given=False)
    signers = [one for root in roots for one in certificates_of(root)]
    stamps = [one for root in stamp_roots or () for one in certificates_of(root)]
    return Trust(signers, [*signers, *stamps], given=True)


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
        found = brought_by(list(PdfFileReader(io.BytesIO(data)).embedded_signatures))
    except Exception as error:  # hostile bytes may break a parser in any way
        logger.info("agreement cannot be read: %s", type(error).__name__)
        return []
    return [root.dump() for root in found]


def brought_by(signatures: Sequence[EmbeddedPdfSignature]) -> list[x509.Certificate]:
    """The self-signed certificates inside the signatures, each once."""
    certificates = [item for signature in signatures for item in signature.other_embedded_certs]
    return list(
        {item.sha256: item for item in certificates if item.issuer == item.subject}.values()
    )


def name_of(signature: EmbeddedPdfSignature) -> str:
    """The field's name; a document time stamp is called ``timestamp`` whatever its field."""
    return STAMP if signature.sig_object_type == "/DocTimeStamp" else str(signature.field_name)


def stamp_of(signature: EmbeddedPdfSignature) -> Stamp | None:
    """The time stamp over a signature, or the document time stamp itself; None when there is none."""
    signed = signature.signed_data
    if name_of(signature) != STAMP:
        signed = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    if signed is None:
        return None
    moment = signed["encap_content_info"]["content"].parsed["gen_time"].native
    certificate = extract_certificate_info(signed).signer_cert
    return Stamp(moment, certificate) if isinstance(moment, datetime) else None
