"""Where the standing keys are kept: a key and its certificate by name; it does not know what they sign.

The default is one PKCS#12 file per key in the data folder, under a passphrase of the settings. A token
(``token_keys``) is the other place; both answer the same question, so nothing above knows which is used.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from odr.errors import Refused
from odr.settings import private_file, private_folder

PASSPHRASE = "keys_passphrase"  # noqa: S105 -- the name of the secret, not the secret
ROUNDS = 50_000  # PBKDF2 once per key and start; the made passphrase has 256 random bits


@dataclass(frozen=True)
class Holder:
    """A key with its certificate; the key may live in a token and then only signs."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


Certify = Callable[[ec.EllipticCurvePrivateKey], x509.Certificate]


class KeyStore(Protocol):
    """A place for keys that last. Unavailable when it is away, Refused when it cannot be opened."""

    def open(self, name: str, certify: Certify) -> Holder:
        """The key called ``name``; made and given a certificate by ``certify`` when there is none."""
        ...


@dataclass(frozen=True)
class FileKeys:
    """PKCS#12 files of mode 0600 in ``folder``, AES-256 under ``passphrase``."""

    folder: Path
    passphrase: str = field(repr=False)

    def open(self, name: str, certify: Certify) -> Holder:
        """Open or make; a PEM key of an earlier version is moved into a PKCS#12 file first."""
        path = self.folder / f"{name}.p12"
        with alone(self.folder):
            if not path.exists():
                self._write(path, self._older(name) or _made(certify))
            _forget_older(self.folder, name)
            return self._read(path)

    def _read(self, path: Path) -> Holder:
        try:
            key, certificate, _ = pkcs12.load_key_and_certificates(
                path.read_bytes(), self.passphrase.encode()
            )
        except ValueError as error:
            raise Refused("settlement.keys-passphrase", name=path.name) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate is None:
            raise Refused("settlement.keys-unreadable", name=path.name)
        return Holder(key, certificate)

    def _write(self, path: Path, holder: Holder) -> None:
        how = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(ROUNDS)
            .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(hashes.SHA256())
            .build(self.passphrase.encode())
        )
        content = pkcs12.serialize_key_and_certificates(
            path.stem.encode(), holder.key, holder.certificate, None, how
        )
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)  # what a killed predecessor left
        try:
            private_file(part, content)
            self._read(part)
            part.rename(path)
        except OSError as error:
            raise Refused("settlement.keys-unwritable", folder=str(self.folder)) from error

    def _older(self, name: str) -> Holder | None:
        key_file, certificate_file = _older_files(self.folder, name)
        if not key_file.exists():
            return None
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        except (OSError, ValueError) as error:
            raise Refused("settlement.keys-unreadable", name=key_file.name) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Refused("settlement.keys-unreadable", name=key_file.name)
        return Holder(key, certificate)


def _made(certify: Certify) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    return Holder(key, certify(key))


def _older_files(folder: Path, name: str) -> tuple[Path, Path]:
    """Where earlier versions kept a key and its certificate, unencrypted."""
    stem = folder / name / "seal" if name.startswith("seal") else folder / name
    return stem.with_name(f"{stem.name}.key.pem"), stem.with_name(f"{stem.name}.cert.pem")


def _forget_older(folder: Path, name: str) -> None:
    files = _older_files(folder, name)
    for file in files:
        file.unlink(missing_ok=True)
    if files[0].parent != folder and files[0].parent.is_dir():
        files[0].parent.rmdir()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: of two first starts one makes the keys, the other waits and reads."""
    try:
        private_folder(folder)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refused("settlement.keys-unwritable", folder=str(folder)) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
