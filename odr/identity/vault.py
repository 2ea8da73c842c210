"""How numbers are kept: sealed to be read, indexed to be found; it does not know whose they are."""

import hashlib
import hmac
import os
import unicodedata
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odr.errors import Tampered, Unavailable
from odr.settings import Secret, Settings, private_file

VERSION, CASE_VERSION, HALF_VERSION = b"\x01", b"\x02", b"\x03"
NONCE = 12
KEY_BYTES = 32


class KeyGone(Unavailable):
    """The key of a case has been destroyed: what it sealed cannot be read any more, by nobody."""

    def __init__(self) -> None:
        """Trying again is in vain."""
        super().__init__("identity.case-key-gone", permanent=True)


class KeyLost(Unavailable):
    """Half of the key of a case is not where it should be, though nobody has destroyed it: call for help."""

    def __init__(self) -> None:
        """It may be there again when the folder is."""
        super().__init__("identity.case-key-lost")


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
    """AES-256-GCM for what must be read again, HMAC-SHA256 with a pepper for what is only compared.

    The key of a case is in two halves (their exclusive or): one wrapped in the row of the case, the
    other a file of its own. A backup of the rows holds only the first; destroying the file erases it too.
    """

    def __init__(self, key: Secret, pepper: Secret, halves: Path) -> None:
        """Derive one key per purpose from the two secrets; ``halves`` is the folder of the second halves."""
        if not key or not pepper:
            raise ValueError("the vault needs its key and its pepper")
        self._cipher = AESGCM(_derive(key, b"odr vault"))
        self._index = _derive(pepper, b"odr index")
        self._mac = _derive(pepper, b"odr mac")
        self._halves = halves

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """The vault of an installation."""
        return cls(settings.vault_key, settings.pepper, settings.case_keys_dir)

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
        """A fresh key for one case: the wrapped half for its row; the other one is on disk then."""
        self._make_half(case_id)
        return HALF_VERSION + self.seal(os.urandom(KEY_BYTES).hex(), context=f"case-half:{case_id}")

    def of_case(self, wrapped: bytes, case_id: UUID) -> CaseVault:
        """The vault of one case; Tampered for another's key, KeyGone when destroyed, KeyLost when missing."""
        if self.is_whole(wrapped):
            return CaseVault(bytes.fromhex(self.open(wrapped, context=f"case-key:{case_id}")))
        half = bytes.fromhex(self.open(wrapped[1:], context=f"case-half:{case_id}"))
        return CaseVault(_xor(half, self._other(case_id)))

    def is_whole(self, wrapped: bytes) -> bool:
        """Whether this key is from before keys had halves."""
        return wrapped[:1] != HALF_VERSION

    def halved(self, wrapped: bytes, case_id: UUID) -> bytes:
        """A whole wrapped key in two halves: the one for its row; what it sealed opens as before."""
        whole = bytes.fromhex(self.open(wrapped, context=f"case-key:{case_id}"))
        self._make_half(case_id)
        half = _xor(whole, self._other(case_id))
        return HALF_VERSION + self.seal(half.hex(), context=f"case-half:{case_id}")

    def destroy(self, case_id: UUID) -> bool:
        """Destroy the half on disk, for good; False when there was none.

        An empty file stays, so that what was destroyed is never taken for what was lost.
        """
        try:
            with self._half(case_id).open("r+b") as file:
                file.write(bytes(KEY_BYTES))  # over it first, then away
                file.flush()
                os.fsync(file.fileno())
                file.truncate(0)
                os.fsync(file.fileno())
        except FileNotFoundError:
            return False
        return True

    def _other(self, case_id: UUID) -> bytes:
        try:
            other = self._half(case_id).read_bytes()
        except FileNotFoundError as error:
            raise KeyLost from error
        if not other:
            raise KeyGone
        if len(other) != KEY_BYTES:
            raise Tampered("identity.vault-broken")
        return other

    def _make_half(self, case_id: UUID) -> None:
        with suppress(FileExistsError):  # it has had a key before
            private_file(self._half(case_id), os.urandom(KEY_BYTES))
            self._settle()

    def _settle(self) -> None:
        """The name is on the disk too: a row must not outlive its half in a power cut."""
        folder = os.open(self._halves, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _half(self, case_id: UUID) -> Path:
        return self._halves / str(case_id)

    def index(self, text: str) -> str:
        """A blind index: equal for equal numbers however they are typed (full width, lower case)."""
        plain = unicodedata.normalize("NFKC", text).strip().upper()
        return _hex(self._index, plain)

    def mac(self, text: str) -> str:
        """A MAC over exactly this text."""
        return _hex(self._mac, text)


def _xor(one: bytes, two: bytes) -> bytes:
    return bytes(first ^ second for first, second in zip(one, two, strict=True))


def _derive(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()


def _hex(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
