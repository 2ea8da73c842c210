"""How this installation's certificates look: root, standing, event; it does not know where keys are kept.

A person gets an event certificate for one signing, valid two days (电子签名法 art. 13); its private extension
carries the hash of the evidence it rests on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from odr.settlement.keyring import Holder

EVIDENCE_OID = "2.25.305419897"  # SHA-256 of what the signature rests on, as an OCTET STRING
PLATFORM_NAME = "平台认证 platform"
EVENT_UNIT = "电子签名 event certificate"
ROOT, PLATFORM, SEAL, TSA = "root", "platform", "seal", "tsa"
YEARS = {ROOT: 30, PLATFORM: 10, SEAL: 10, TSA: 15}
EVENT_VALIDITY = timedelta(days=2)
CLOCK_SLACK = timedelta(minutes=5)
LONGEST_NAME = 64


@dataclass(frozen=True)
class Event:
    """One signing by one person: ``evidence_hash`` is 64 hex digits."""

    name: str
    organisation: str
    evidence_hash: str
    now: datetime


def first_span(kind: str) -> tuple[datetime, datetime]:
    """From when to when the certificates of the first start are valid."""
    # a fixed start, so that a clock that is behind or a past date in a test still finds it valid
    return datetime(2020, 1, 1, tzinfo=UTC), datetime(2026 + YEARS[kind], 1, 1, tzinfo=UTC)


def later_span(kind: str, root: Holder, now: datetime) -> tuple[datetime, datetime]:
    """The same for those that follow; none outlives the root."""
    end = now + timedelta(days=365 * YEARS[kind])
    return now - CLOCK_SLACK, min(end, root.certificate.not_valid_after_utc)


def root_certificate(key: ec.EllipticCurvePrivateKey, organisation: str) -> x509.Certificate:
    """The self-signed root over everything else."""
    subject = _subject("内部根证书 internal root", organisation, "internal CA")
    return (
        _builder(subject, key, first_span(ROOT))
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signing=False, issuing=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def standing_certificate(
    key: ec.EllipticCurvePrivateKey,
    kind: str,
    organisation: str,
    root: Holder,
    span: tuple[datetime, datetime],
) -> x509.Certificate:
    """The platform's, the seal's or the internal time stamp's certificate."""
    names = {PLATFORM: PLATFORM_NAME, SEAL: organisation, TSA: "内部时间戳 internal"}
    builder = _builder(_subject(names[kind], organisation, kind), key, span)
    builder = _leaf(builder.issuer_name(root.certificate.subject), root)
    if kind == TSA:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(root.key, hashes.SHA256())


def event_certificate(
    key: ec.EllipticCurvePrivateKey, event: Event, root: Holder
) -> x509.Certificate:
    """The certificate of one person for one signing."""
    extension = x509.UnrecognizedExtension(
        x509.ObjectIdentifier(EVIDENCE_OID), b"\x04\x20" + bytes.fromhex(event.evidence_hash)
    )
    subject = _subject(event.name, event.organisation, EVENT_UNIT)
    span = (event.now - CLOCK_SLACK, event.now + EVENT_VALIDITY)
    builder = _builder(subject, key, span).issuer_name(root.certificate.subject)
    builder = builder.add_extension(extension, critical=False)
    return _leaf(builder, root).sign(root.key, hashes.SHA256())


def revocation_list(root: Holder, now: datetime) -> x509.CertificateRevocationList:
    """A list that revokes nothing, signed now: what makes a signature checkable years later."""
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now - CLOCK_SLACK)
        .next_update(now + EVENT_VALIDITY)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(issuer, critical=False)
        .sign(root.key, hashes.SHA256())
    )


def shortened(name: str) -> str:
    """A name as certificates carry it: at most 64 bytes of UTF-8, cut between characters."""
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


def _subject(name: str, organisation: str, unit: str) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, shortened(organisation)),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        x509.NameAttribute(NameOID.COMMON_NAME, shortened(name)),
    ]
    return x509.Name(attributes)


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, span: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _leaf(builder: x509.CertificateBuilder, root: Holder) -> x509.CertificateBuilder:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    nobody = x509.BasicConstraints(ca=False, path_length=None)
    builder = builder.add_extension(nobody, critical=True)
    builder = builder.add_extension(_usage(signing=True), critical=True)
    return builder.add_extension(issuer, critical=False)


def _usage(*, signing: bool, issuing: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=signing,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuing,
        crl_sign=issuing,
        encipher_only=False,
        decipher_only=False,
    )
