"""Who signs the papers of this installation: its root, its standing certificates, its time stamps; it does not know whose case it is.

A local root made at the first start stands over the platform's, the organisation's seal's and the internal
time stamp's certificates. A person's key exists for one signature and is kept nowhere. A standing certificate
that has less than a year to live gets a successor; what it signed stays checkable by the time stamps.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from pyhanko.sign.timestamps import TimeStamper

from odr import chain, clock
from odr.settings import made_secret
from odr.settlement import certificates
from odr.settlement.certificates import PLATFORM, ROOT, SEAL, TSA, Event
from odr.settlement.countersign import CounterKey
from odr.settlement.keyring import PASSPHRASE, FileKeys, Holder, KeyStore
from odr.settlement.signer import KeySigner, as_asn1
from odr.settlement.timestamps import OutsideTsa
from odr.settlement.tsa import InternalTimeStamper, StampKey

FOLDER = "authority"
EARLY = timedelta(days=365)  # so long before its end a standing certificate gets a successor


@dataclass(frozen=True)
class Standing:
    """The keys that stay, opened when they are first needed."""

    keys: KeyStore
    root: Holder
    organisation: str
    _opened: dict[str, Holder] = field(default_factory=dict, repr=False)
    _stampers: dict[int, InternalTimeStamper] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def at(self, kind: str, now: datetime) -> Holder:
        """The platform's, the seal's or the stamp's key that signs at ``now``."""
        name, number = self._name(kind), 1
        with self._lock:
            held = self._open(kind, name, certificates.first_span(kind))
            while now + EARLY > held.certificate.not_valid_after_utc:
                number += 1
                span = certificates.later_span(kind, self.root, now)
                if span[1] <= held.certificate.not_valid_after_utc:
                    break  # the root itself ends
                held = self._open(kind, f"{name}-{number}", span)
        return held

    def stamper(self, now: datetime) -> InternalTimeStamper:
        """The internal time stamp authority of that time, made once per key."""
        held = self.at(TSA, now)
        serial = held.certificate.serial_number
        if serial not in self._stampers:
            key = StampKey(held.key, as_asn1(held.certificate), as_asn1(self.root.certificate))
            self._stampers[serial] = InternalTimeStamper(key)
        return self._stampers[serial]

    def _name(self, kind: str) -> str:
        # a seal bears its organisation's name, so a renamed organisation gets another one
        return f"{kind}-{chain.digest(self.organisation.encode())[:8]}" if kind == SEAL else kind

    def _open(self, kind: str, name: str, span: tuple[datetime, datetime]) -> Holder:
        if name not in self._opened:
            self._opened[name] = self.keys.open(
                name,
                lambda key: certificates.standing_certificate(
                    key, kind, self.organisation, self.root, span
                ),
            )
        return self._opened[name]


@dataclass(frozen=True)
class Authority:
    """``organisation`` is written on the seal, ``cache`` keeps unpacked typefaces."""

    organisation: str
    cache: Path
    root: Holder
    standing: Standing = field(repr=False)
    outside: OutsideTsa | None = None
    counter: CounterKey | None = None

    @classmethod
    def load(
        cls,
        secrets_dir: Path,
        organisation: str,
        keys: KeyStore | None = None,
        outside: OutsideTsa | None = None,
        counter: CounterKey | None = None,
    ) -> "Authority":
        """Open the keys; made at the first start, in ``secrets_dir/authority`` unless told otherwise."""
        if keys is None:
            keys = FileKeys(secrets_dir / FOLDER, made_secret(secrets_dir, PASSPHRASE))
        root = keys.open(ROOT, lambda key: certificates.root_certificate(key, organisation))
        standing = Standing(keys, root, organisation)
        for kind in (PLATFORM, SEAL, TSA):
            standing.at(kind, root.certificate.not_valid_before_utc)
        return cls(organisation, secrets_dir.parent / "fonts", root, standing, outside, counter)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root certificate, 64 hex digits: what a verifier may compare by telephone."""
        return self.root.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def seal(self) -> Holder:
        """The organisation's seal of today."""
        return self.standing.at(SEAL, clock.now())

    def root_pem(self) -> bytes:
        """The root certificate for a verifier's list of trusted issuers."""
        return self.root.certificate.public_bytes(serialization.Encoding.PEM)

    def event_signer(self, name: str, evidence_hash: str, now: datetime) -> KeySigner:
        """A signer for one person and one signing; its key is kept nowhere."""
        key = ec.generate_private_key(ec.SECP256R1())
        event = Event(name, self.organisation, evidence_hash, now)
        certificate = certificates.event_certificate(key, event, self.root)
        return KeySigner(Holder(key, certificate), self.root)

    def platform_signer(self, now: datetime | None = None) -> KeySigner:
        """The platform's signer, for the certification."""
        return KeySigner(self.standing.at(PLATFORM, now or clock.now()), self.root)

    def seal_signer(self, now: datetime | None = None) -> KeySigner:
        """The organisation's seal."""
        return KeySigner(self.standing.at(SEAL, now or clock.now()), self.root)

    def sign_cms(self, data: bytes) -> bytes:
        """A detached CMS signature of the organisation over ``data``, DER, for ``openssl cms -verify``."""
        seal = self.seal
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
        built = builder.add_signer(seal.certificate, seal.key, hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return built.sign(serialization.Encoding.DER, options)

    def counter_key(self) -> bytes:
        """The public SM2 key in PEM; empty where no counter-signature is made."""
        return self.counter.public_pem() if self.counter else b""

    def counter_sign(self, data: bytes) -> bytes:
        """The SM2/SM3 counter-signature (DER); empty where none is made."""
        return self.counter.sign(data) if self.counter else b""

    def timestamper(self, now: datetime) -> TimeStamper:
        """Who stamps papers: the authority of the settings, or the internal one, telling ``now``."""
        return self.outside.timestamper if self.outside else self._internal(now)

    def stamp(self, digest: bytes, now: datetime) -> bytes:
        """An internal RFC 3161 token (DER) over a SHA-256 ``digest``, 32 bytes."""
        return self._internal(now).token(digest)

    def outside_stamp(self, digest: bytes) -> bytes:
        """A token (DER) of the authority outside over a SHA-256 digest; empty where there is none."""
        return self.outside.token(digest) if self.outside else b""

    def outside_roots(self) -> bytes:
        """What stands over its stamps, PEM; empty where there is none."""
        return self.outside.roots_pem() if self.outside else b""

    def stamp_roots(self) -> tuple[asn1_x509.Certificate, ...]:
        """What stands over the time stamps of papers."""
        return (self.root_certificate(), *(self.outside.roots if self.outside else ()))

    def revocations(self, now: datetime) -> asn1_crl.CertificateList:
        """A list that revokes nothing, signed now: what makes a signature checkable years later."""
        made = certificates.revocation_list(self.root, now)
        return asn1_crl.CertificateList.load(made.public_bytes(serialization.Encoding.DER))

    def root_certificate(self) -> asn1_x509.Certificate:
        """The root as the signing library wants it."""
        return as_asn1(self.root.certificate)

    def _internal(self, now: datetime) -> InternalTimeStamper:
        return self.standing.stamper(now).at(now)
