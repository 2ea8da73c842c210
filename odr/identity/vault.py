"""How numbers are kept: sealed to be read, indexed to be found; it does not know whose they are."""

import hashlib
import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odr.errors import Tampered
from odr.settings import Secret

VERSION = b"\x01"
NONCE = 12


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
