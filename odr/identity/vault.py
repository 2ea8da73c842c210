"""How numbers are kept: sealed to be read, indexed to be found; it does not know whose they are."""

import hashlib
import hmac
import os
import unicodedata
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odr.errors import Tampered
from odr.settings import Secret

VERSION, CASE_VERSION = b"\x01", b"\x02"
NONCE = 12
KEY_BYTES = 32


class CaseVault:
    """What belongs to one case, under its own key: without the key, no backup can be read either."""

    def __init__(self, key: bytes) -> None:
        """``key`` has 32 bytes; it is kept only wrapped."""
        self._cipher = AESGCM(key)

    def seal(self, text: str, *, context: str) -> bytes:
        """Encrypt; the same context must be named to open it again."""
        return self.seal_bytes(text.encode(), context=context)

    def open(self, cipher: bytes, *, context: str) -> str:
        """Decrypt; Tampered when bytes, key or context do not fit."""
        return self.open_bytes(cipher, context=context).decode()

    def seal_bytes(self, data: bytes, *, context: str) -> bytes:
        """The same for a file, up to 2 GB."""
        nonce = os.urandom(NONCE)
        return CASE_VERSION + nonce + self._cipher.encrypt(nonce, data, context.encode())

    def open_bytes(self, cipher: bytes, *, context: str) -> bytes:
        """The same for a file."""
        nonce, sealed = cipher[1 : 1 + NONCE], cipher[1 + NONCE :]
        if cipher[:1] != CASE_VERSION or len(nonce) != NONCE:
            raise Tampered("identity.vault-broken")
        try:
            return self._cipher.decrypt(nonce, sealed, context.encode())
        except InvalidTag as error:
            raise Tampered("identity.vault-broken") from error


class Vault:
    """AES-256-GCM for what must be read again, HMAC-SHA256 with a pepper for what is only compared."""

    def __init__(self, key: Secret, pepper: Secret) -> None:
        """Derive one key per purpose from the two secrets of the installation."""
        if not key or not pepper:
            raise ValueError("the vault needs its key and its pepper")
        self._cipher = AESGCM(_derive(key, b"odr vault"))
        self._index = _derive(pepper, b"odr index")
        self._mac = _derive(pepper, b"odr mac")

    def seal(self, text: str, *, context: str) -> bytes:
        """Encrypt; the same context must be named to open it again."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), context.encode())

    def open(self, cipher: bytes, *, context: str) -> str:
        """Decrypt; Tampered when bytes, key or context do not fit."""
        nonce, sealed = cipher[1 : 1 + NONCE], cipher[1 + NONCE :]
        if cipher[:1] != VERSION or len(nonce) != NONCE:
            raise Tampered("identity.vault-broken")
        try:
            return self._cipher.decrypt(nonce, sealed, context.encode()).decode()
        except InvalidTag as error:
            raise Tampered("identity.vault-broken") from error

    def new_case_key(self, case_id: UUID) -> bytes:
        """A fresh key for one case, wrapped; destroying the wrapped key erases what it sealed."""
        return self.seal(os.urandom(KEY_BYTES).hex(), context=f"case-key:{case_id}")

    def of_case(self, wrapped: bytes, case_id: UUID) -> CaseVault:
        """The vault of one case; Tampered for the key of another."""
        return CaseVault(bytes.fromhex(self.open(wrapped, context=f"case-key:{case_id}")))

    def index(self, text: str) -> str:
        """A blind index: equal for equal numbers however they are typed (full width, lower case)."""
        plain = unicodedata.normalize("NFKC", text).strip().upper()
        return _hex(self._index, plain)

    def mac(self, text: str) -> str:
        """A MAC over exactly this text."""
        return _hex(self._mac, text)


def _derive(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()


def _hex(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
