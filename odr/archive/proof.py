"""Checks a detached CMS signature and an RFC 3161 stamp against one root; it does not know what they vouch for."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from odr import chain
from odr.errors import Tampered

VERSIONS = {"data": "v1", "tst_info": "v3"}
DAMAGE = (  # what hostile bytes raise in the parsers and in the check itself
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
)
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
        signed = _strict(signature, "data")
        if signed["encap_content_info"]["content"].native is not None:
            raise Tampered("archive.signature-wrong")
        signer = _signer(signed, data, root)
    except DAMAGE as error:
        raise Tampered("archive.signature-wrong") from error
    if _name(signer, NameOID.ORGANIZATIONAL_UNIT_NAME) != SEAL_UNIT:
        raise Tampered("archive.signer-unknown")
    return _name(signer, NameOID.COMMON_NAME)


def check_stamp(data: bytes, token: bytes, root: Root) -> datetime:
    """When ``data`` existed, as the stamp says; Tampered when it is not over these bytes."""
    try:
        signed = _strict(token, "tst_info")
        content = signed["encap_content_info"]["content"].contents
        content = core.OctetString.load(content).native if content[:1] == b"\x04" else content
        info = tsp.TSTInfo.load(content, strict=True)
        imprint = info["message_imprint"]
        if imprint["hashed_message"].native != bytes.fromhex(chain.digest(data)):
            raise Tampered("archive.stamp-wrong")
        signer = _signer(signed, content, root)
        moment = info["gen_time"].native
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except DAMAGE as error:
        raise Tampered("archive.stamp-wrong") from error
    if ExtendedKeyUsageOID.TIME_STAMPING not in usage or not isinstance(moment, datetime):
        raise Tampered("archive.signer-unknown")
    return moment


def _strict(data: bytes, kind: str) -> cms.SignedData:
    """The signed data, when every byte that no signature covers is as we write it."""
    outer = cms.ContentInfo.load(data, strict=True)
    signed = outer["content"]
    (info,) = signed["signer_infos"]
    algorithms = [*signed["digest_algorithms"], info["digest_algorithm"]]
    plain = (
        outer["content_type"].native == "signed_data"
        and signed["version"].native == VERSIONS[kind]
        and signed["encap_content_info"]["content_type"].native == kind
        and len(algorithms) == 2  # noqa: PLR2004 -- the set's one member and the signer's
        and all(one["algorithm"].native == "sha256" for one in algorithms)
        and info["version"].native == "v1"
        and info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    )
    parameters = [one["parameters"].dump() for one in [*algorithms, info["signature_algorithm"]]]
    empty = all(one in (b"", b"\x05\x00") for one in parameters)
    absent = (signed["crls"], info["unsigned_attrs"])
    if not (plain and empty) or any(one.native is not None for one in absent):
        raise ValueError(kind)
    return signed


def _signer(signed: cms.SignedData, content: bytes, root: Root) -> x509.Certificate:
    """The certificate under the root that made the one signature over ``content``."""
    (info,) = signed["signer_infos"]
    signer = _named(signed, info["sid"].chosen, root)
    attributes = info["signed_attrs"]
    values = {one["type"].native: one["values"][0].native for one in attributes}
    if values.get("message_digest") != bytes.fromhex(chain.digest(content)):
        raise Tampered("archive.signature-wrong")
    key = signer.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise Tampered("archive.signer-unknown")
    key.verify(info["signature"].native, attributes.untag().dump(), ECDSA(hashes.SHA256()))
    return signer


def _named(
    signed: cms.SignedData, named: cms.IssuerAndSerialNumber, root: Root
) -> x509.Certificate:
    """The certificate that the signer's name points to; all that came along are the root's."""
    signer = None
    for one in signed["certificates"]:
        found = x509.load_der_x509_certificate(one.dump())
        try:
            found.verify_directly_issued_by(root.certificate)
            if one.chosen["signature_value"].contents[:1] != b"\x00":  # no parser minds these bits
                raise Tampered("archive.signer-unknown")
        except (InvalidSignature, ValueError, TypeError) as error:
            raise Tampered("archive.signer-unknown") from error
        if found.serial_number == named["serial_number"].native:
            same = one.chosen.issuer.dump() == named["issuer"].dump()
            signer = found if same else None
    if signer is None:
        raise Tampered("archive.signer-unknown")
    return signer


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
