"""The keys and certificates of this installation's papers; it does not know whose case it is.

A local root made at the first start stands over the platform's, the organisation's seal's and the internal
time stamp's certificates. A person gets an event certificate for one signing, valid two days, whose key is
gone when the signature is made (电子签名法 art. 13); its private extension carries the hash of the evidence.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from odr import chain
from odr.errors import Refused
from odr.settings import private_file, private_folder
from odr.settlement.tsa import InternalTimeStamper, StampKey

EVIDENCE_OID = "2.25.305419897"  # SHA-256 of what the signature rests on, as an OCTET STRING
PLATFORM_NAME = "平台认证 platform"
EVENT_UNIT = "电子签名 event certificate"
FOLDER = "authority"
ROOT, PLATFORM, SEAL, TSA = "root", "platform", "seal", "tsa"
YEARS = {ROOT: 30, PLATFORM: 10, SEAL: 10, TSA: 15}
EVENT_VALIDITY = timedelta(days=2)
CLOCK_SLACK = timedelta(minutes=5)
LONGEST_NAME = 64


@dataclass(frozen=True)
class Holder:
    """A key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True)
class Authority:
    """The opened keys; ``organisation`` is written on the seal, ``cache`` keeps unpacked typefaces."""

    organisation: str
    cache: Path
    root: Holder
    platform: Holder
    seal: Holder
    tsa: Holder

    @classmethod
    def load(cls, secrets_dir: Path, organisation: str) -> "Authority":
        """Open ``secrets_dir/authority``; made at the first start, files of mode 0600."""
        folder = secrets_dir / FOLDER
        _placed(folder, lambda made: _make(made, organisation))
        root, platform, tsa = (_read(folder, name) for name in (ROOT, PLATFORM, TSA))
        # a seal bears its organisation's name, so a renamed organisation gets another one
        sealing = folder / f"{SEAL}-{chain.digest(organisation.encode())[:8]}"
        _placed(sealing, lambda made: _write(made, SEAL, _make_leaf(SEAL, organisation, root)))
        cache = secrets_dir.parent / "fonts"
        return cls(organisation, cache, root, platform, _read(sealing, SEAL), tsa)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root certificate, 64 hex digits: what a verifier may compare by telephone."""
        return self.root.certificate.fingerprint(hashes.SHA256()).hex()

    def root_pem(self) -> bytes:
        """The root certificate for a verifier's list of trusted issuers."""
        return self.root.certificate.public_bytes(serialization.Encoding.PEM)

    def event_signer(self, name: str, evidence_hash: str, now: datetime) -> SimpleSigner:
        """A signer for one person and one signing; its key is kept nowhere."""
        key = ec.generate_private_key(ec.SECP256R1())
        extension = x509.UnrecognizedExtension(
            x509.ObjectIdentifier(EVIDENCE_OID), b"\x04\x20" + bytes.fromhex(evidence_hash)
        )
        subject = _subject(name, self.organisation, EVENT_UNIT)
        start = now - CLOCK_SLACK
        builder = _builder(subject, key, (start, now + EVENT_VALIDITY))
        builder = builder.issuer_name(self.root.certificate.subject)
        builder = builder.add_extension(extension, critical=False)
        certificate = _leaf(builder, self.root, signing=True).sign(self.root.key, hashes.SHA256())
        return self._signer(Holder(key, certificate))

    def platform_signer(self) -> SimpleSigner:
        """The platform's signer, for the certification."""
        return self._signer(self.platform)

    def seal_signer(self) -> SimpleSigner:
        """The organisation's seal."""
        return self._signer(self.seal)

    def sign_cms(self, data: bytes) -> bytes:
        """A detached CMS signature of the organisation over ``data``, DER, for ``openssl cms -verify``."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
        built = builder.add_signer(self.seal.certificate, self.seal.key, hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return built.sign(serialization.Encoding.DER, options)

    def timestamper(self, now: datetime) -> InternalTimeStamper:
        """The internal time stamp authority, telling ``now``."""
        return InternalTimeStamper(
            StampKey(self.tsa.key, _asn1(self.tsa.certificate), _asn1(self.root.certificate)), now
        )

    def stamp(self, digest: bytes, now: datetime) -> bytes:
        """An RFC 3161 token (DER) over a SHA-256 ``digest``, 32 bytes."""
        return self.timestamper(now).token(digest)

    def revocations(self, now: datetime) -> asn1_crl.CertificateList:
        """A list that revokes nothing, signed now: what makes a signature checkable years later."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(now - CLOCK_SLACK)
            .next_update(now + EVENT_VALIDITY)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
                critical=False,
            )
            .sign(self.root.key, hashes.SHA256())
        )
        return asn1_crl.CertificateList.load(made.public_bytes(serialization.Encoding.DER))

    def root_certificate(self) -> asn1_x509.Certificate:
        """The root as the signing library wants it."""
        return _asn1(self.root.certificate)

    def _signer(self, holder: Holder) -> SimpleSigner:
        store = SimpleCertificateStore()
        store.register(self.root_certificate())
        key = holder.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return SimpleSigner(
            signing_cert=_asn1(holder.certificate),
            signing_key=asn1_keys.PrivateKeyInfo.load(key),
            cert_registry=store,
        )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _subject(name: str, organisation: str, unit: str) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, shortened(organisation)),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        x509.NameAttribute(NameOID.COMMON_NAME, shortened(name)),
    ]
    return x509.Name(attributes)


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, validity: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _leaf(
    builder: x509.CertificateBuilder, root: Holder, *, signing: bool
) -> x509.CertificateBuilder:
    usage = _usage(signing=signing)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    return builder.add_extension(usage, critical=True).add_extension(issuer, critical=False)


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


def _placed(folder: Path, make: Callable[[Path], None]) -> None:
    """Make a folder aside and move it into place at once; whoever comes second uses the first's."""
    if folder.exists():
        return
    private_folder(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / folder.name
        make(made)
        try:
            made.rename(folder)
        except OSError as error:
            if not folder.exists():
                raise Refused("settlement.keys-unwritable", folder=str(folder)) from error


def _make(folder: Path, organisation: str) -> None:
    root = _make_root(organisation)
    _write(folder, ROOT, root)
    for name in (PLATFORM, TSA):
        _write(folder, name, _make_leaf(name, organisation, root))


def _span(name: str) -> tuple[datetime, datetime]:
    # a fixed start, so that a clock that is behind or a past date in a test still finds it valid
    return datetime(2020, 1, 1, tzinfo=UTC), datetime(2026 + YEARS[name], 1, 1, tzinfo=UTC)


def _make_root(organisation: str) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject("内部根证书 internal root", organisation, "internal CA")
    certificate = (
        _builder(subject, key, _span(ROOT))
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signing=False, issuing=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Holder(key, certificate)


def _make_leaf(name: str, organisation: str, root: Holder) -> Holder:
    names = {
        PLATFORM: PLATFORM_NAME,
        SEAL: organisation,
        TSA: "内部时间戳 internal",
    }
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_subject(names[name], organisation, name), key, _span(name))
    builder = _leaf(builder.issuer_name(root.certificate.subject), root, signing=True)
    if name == TSA:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return Holder(key, builder.sign(root.key, hashes.SHA256()))


def _write(folder: Path, name: str, holder: Holder) -> None:
    key = holder.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    private_file(folder / f"{name}.key.pem", key)
    private_file(
        folder / f"{name}.cert.pem", holder.certificate.public_bytes(serialization.Encoding.PEM)
    )


def _read(folder: Path, name: str) -> Holder:
    key = serialization.load_pem_private_key((folder / f"{name}.key.pem").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused("settlement.keys-unreadable", name=name)
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.cert.pem").read_bytes())
    return Holder(key, certificate)


def certificate_of(signer: SimpleSigner) -> asn1_x509.Certificate:
    """The certificate a signer signs with."""
    return cast(asn1_x509.Certificate, signer.signing_cert)


def shortened(name: str) -> str:
    """A name as certificates carry it: at most 64 bytes of UTF-8, cut between characters."""
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")
