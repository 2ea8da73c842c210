"""Keys that never leave a PKCS#11 token (an HSM, a UKey, SoftHSM2); it does not know what they sign.

Keys and certificates lie in the token under the label ``odr-<name>``. A token's key looks to the rest of the
house like any EC private key that can only sign, so certificates, CMS, stamps and PDFs take the same path.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pkcs11
from asn1crypto.core import OctetString
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, CertificateType, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import encode_ecdsa_signature, encode_named_curve_parameters

from odr.errors import Refused, Unavailable
from odr.settlement.keyring import Certify, Holder, alone

PREFIX = "odr-"
T = TypeVar("T")
CURVE = ec.SECP256R1()


@dataclass
class Token:
    """One token of one module; a session per process, used by one thread at a time."""

    module: str
    label: str
    pin: str = field(repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _session: Any = field(default=None, repr=False)
    _pid: int = field(default=0, repr=False)

    def does(self, work: Callable[[Any], T]) -> T:
        """What ``work`` makes of the open session; Unavailable when the token does not answer."""
        with self._lock:
            try:
                return work(self._opened())
            except pkcs11.NoSuchKey:
                raise
            except pkcs11.PKCS11Error as error:
                self._session = None  # a token that was pulled out is opened anew
                why = type(error).__name__
                raise Unavailable("settlement.token-away", label=self.label, why=why) from error

    def _opened(self) -> Any:  # noqa: ANN401 -- the library's session
        if self._session is None or self._pid != os.getpid():
            self._session = self._open()
        return self._session

    def _open(self) -> Any:  # noqa: ANN401 -- the library's session
        library = pkcs11.lib(self.module)
        if self._pid not in (0, os.getpid()):
            library.reinitialize()  # PKCS#11 forbids a child to go on with its parent's sessions
        self._pid = os.getpid()
        try:
            token = library.get_token(token_label=self.label)
        except (pkcs11.NoSuchToken, pkcs11.MultipleTokensReturned) as error:
            raise Refused("settlement.token-unknown", label=self.label) from error
        try:
            return token.open(rw=True, user_pin=self.pin)
        except pkcs11.UserAlreadyLoggedIn:  # a login holds for the whole process
            return token.open(rw=True)
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            raise Refused("settlement.token-pin", label=self.label) from error


class TokenKey(ec.EllipticCurvePrivateKey):
    """A P-256 key in a token: it signs SHA-256 digests and tells its public half, nothing else."""

    def __init__(self, token: Token, name: str, public: ec.EllipticCurvePublicKey) -> None:
        """``name`` without the prefix of the label."""
        self._token, self._name, self._public = token, name, public

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return CURVE

    @property
    def key_size(self) -> int:
        """In bits."""
        return CURVE.key_size

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # noqa: ANN401
        """A DER signature; the digest is made here because SoftHSM2 knows plain ECDSA only."""
        if not isinstance(signature_algorithm.algorithm, hashes.SHA256):
            self._refuse()
        digest = hashes.Hash(hashes.SHA256())
        digest.update(bytes(data))
        short, label = digest.finalize(), PREFIX + self._name

        def signed(session: Any) -> bytes:  # noqa: ANN401 -- the library's session
            key = session.get_key(ObjectClass.PRIVATE_KEY, label=label)
            return encode_ecdsa_signature(key.sign(short, mechanism=Mechanism.ECDSA))

        try:
            return self._token.does(signed)
        except pkcs11.NoSuchKey as error:
            raise Refused("settlement.keys-unreadable", name=label) from error

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:  # noqa: ARG002
        """Not with these keys."""
        self._refuse()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """The token does not give it away."""
        self._refuse()

    def private_bytes(
        self,
        encoding: serialization.Encoding,  # noqa: ARG002
        format: serialization.PrivateFormat,  # noqa: A002, ARG002 -- the interface's names
        encryption_algorithm: serialization.KeySerializationEncryption,  # noqa: ARG002
    ) -> bytes:
        """The token does not give it away."""
        self._refuse()

    def __copy__(self) -> "TokenKey":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "TokenKey":
        return self

    def _refuse(self) -> NoReturn:
        raise Refused("settlement.key-stays", name=PREFIX + self._name)


@dataclass(frozen=True)
class TokenKeys:
    """The keys of one token; ``folder`` holds only the lock of the first start."""

    token: Token
    folder: Path

    def open(self, name: str, certify: Certify) -> Holder:
        """Open or make inside the token; a key without its certificate gets another certificate.

        Refused when the data folder has a root of its own: papers signed before would lose theirs.
        """
        label = PREFIX + name
        with alone(self.folder):
            if (public := self._public(label)) is None:
                if (self.folder / f"{name}.p12").exists():
                    raise Refused("settlement.keys-elsewhere", name=name, folder=str(self.folder))
                public = self.token.does(lambda session: _made(session, label))
            key = TokenKey(self.token, name, public)
            found = self.token.does(lambda session: _certificate(session, label))
            if found is None:
                made = found = certify(key)
                self.token.does(lambda session: _keep(session, label, made))
        if found.public_key() != public:
            raise Refused("settlement.keys-unreadable", name=label)
        return Holder(key, found)

    def _public(self, label: str) -> ec.EllipticCurvePublicKey | None:
        def read(session: Any) -> ec.EllipticCurvePublicKey:  # noqa: ANN401 -- the library's session
            session.get_key(ObjectClass.PRIVATE_KEY, label=label)
            return _point(session.get_key(ObjectClass.PUBLIC_KEY, label=label))

        try:
            return self.token.does(read)
        except pkcs11.NoSuchKey:
            return None


def _point(key: Any) -> ec.EllipticCurvePublicKey:  # noqa: ANN401 -- the library's key
    point = OctetString.load(key[Attribute.EC_POINT]).native
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)


def _made(session: Any, label: str) -> ec.EllipticCurvePublicKey:  # noqa: ANN401 -- as above
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    domain = session.create_domain_parameters(KeyType.EC, curve, local=True)
    public, _ = domain.generate_keypair(store=True, label=label, id=label.encode())
    return _point(public)


def _certificate(session: Any, label: str) -> x509.Certificate | None:  # noqa: ANN401 -- as above
    wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: label}
    found = [item[Attribute.VALUE] for item in session.get_objects(wanted)]
    return x509.load_der_x509_certificate(found[0]) if found else None


def _keep(session: Any, label: str, certificate: x509.Certificate) -> None:  # noqa: ANN401 -- as above
    session.create_object(
        {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
            Attribute.TOKEN: True,
            Attribute.LABEL: label,
            Attribute.ID: label.encode(),
            Attribute.SUBJECT: certificate.subject.public_bytes(),
            Attribute.VALUE: certificate.public_bytes(serialization.Encoding.DER),
        }
    )
