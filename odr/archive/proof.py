"""Checks a detached CMS signature and an RFC 3161 stamp against one root; it does not know what they vouch for."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from odr import chain
from odr.errors import Tampered

SEAL_UNIT = "seal"  # parties' certificates come from the same root: only the seal's may sign a bag


@dataclass(frozen=True)
class Root:
    """The certificate that is trusted."""

    certificate: x509.Certificate

    @classmethod
    def from_pem(cls, data: bytes) -> "Root":
        """Read it; Tampered when it is none."""
        try:
            return cls(x509.load_pem_x509_certificate(data))
        except ValueError as error:
            raise Tampered("archive.root-unreadable") from error

    @property
    def fingerprint(self) -> str:
        """SHA-256, 64 hex digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def check_signature(data: bytes, signature: bytes, root: Root) -> str:
    """Who sealed ``data``; Tampered when the seal is not hers or not over these bytes."""
    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]
        if signed["encap_content_info"]["content"].native is not None:
            raise Tampered("archive.signature-wrong")
        signer = _signer(signed, data, root)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Tampered("archive.signature-wrong") from error
    if _name(signer, NameOID.ORGANIZATIONAL_UNIT_NAME) != SEAL_UNIT:
        raise Tampered("archive.signer-unknown")
    return _name(signer, NameOID.COMMON_NAME)


def check_stamp(data: bytes, token: bytes, root: Root) -> datetime:
    """When ``data`` existed, as the stamp says; Tampered when it is not over these bytes."""
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        content = signed["encap_content_info"]["content"].contents
        content = core.OctetString.load(content).native if content[:1] == b"\x04" else content
        info = tsp.TSTInfo.load(content, strict=True)
        imprint = info["message_imprint"]
        if imprint["hashed_message"].native != bytes.fromhex(chain.digest(data)):
            raise Tampered("archive.stamp-wrong")
        signer = _signer(signed, content, root)
        moment = info["gen_time"].native
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, KeyError, AttributeError, x509.ExtensionNotFound) as error:
        raise Tampered("archive.stamp-wrong") from error
    if ExtendedKeyUsageOID.TIME_STAMPING not in usage or not isinstance(moment, datetime):
        raise Tampered("archive.signer-unknown")
    return moment


def _signer(signed: cms.SignedData, content: bytes, root: Root) -> x509.Certificate:
    """The certificate under the root that made the one signature over ``content``."""
    (info,) = signed["signer_infos"]
    serial = info["sid"].chosen["serial_number"].native
    found = [x509.load_der_x509_certificate(one.dump()) for one in signed["certificates"]]
    signer = next(one for one in [*found, None] if one is None or one.serial_number == serial)
    if signer is None:
        raise Tampered("archive.signer-unknown")
    attributes = info["signed_attrs"]
    values = {one["type"].native: one["values"][0].native for one in attributes}
    if values.get("message_digest") != bytes.fromhex(chain.digest(content)):
        raise Tampered("archive.signature-wrong")
    key = signer.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise Tampered("archive.signer-unknown")
    try:
        key.verify(info["signature"].native, attributes.untag().dump(), ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Tampered("archive.signature-wrong") from error
    try:
        signer.verify_directly_issued_by(root.certificate)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise Tampered("archive.signer-unknown") from error
    return signer


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
