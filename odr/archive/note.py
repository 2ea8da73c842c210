r"""A checkpoint as a signed note (C2SP signed-note, tlog-checkpoint), Ed25519; it does not know the log.

<origin>\n<size>\n<base64 root>\n\n— <name> <base64(4 bytes of key id ‖ 64 bytes of signature)>\n
"""

import base64
import binascii
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from odr.errors import Tampered
from odr.settings import private_file

ALGORITHM = b"\x01"  # Ed25519
KEY_FILE = "checkpoint.key.pem"
ORIGIN = "odr/audit"
NOTE = re.compile(r"([^\n]+)\n(0|[1-9]\d{0,18})\n([A-Za-z0-9+/=]+)\n\n— (\S+) ([A-Za-z0-9+/=]+)\n")
KEY_ID, HASH = 4, 32


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: the log's name, how many rows, the RFC 6962 root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> bytes:
        """The signed text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()


@dataclass(frozen=True)
class Verifier:
    """The public half: a name and a key, written ``name+keyid+base64`` as Go's checksum database does."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ALGORITHM + self.key).digest()[:KEY_ID]

    @property
    def text(self) -> str:
        """The key as one line for a party's notebook."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ALGORITHM + self.key).decode()}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read such a line; Tampered when it is none."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        with suppress(binascii.Error):
            raw = base64.b64decode(encoded, validate=True)
            made = cls(name, raw[1:])
            if raw[:1] == ALGORITHM and len(made.key) == HASH and made.key_id.hex() == key_id:
                return made
        raise Tampered("archive.audit-key-unreadable")

    def open(self, note: str) -> Head:
        """What the note says; Tampered when it is none or not signed with this key."""
        head, name, signature = parsed(note)
        if name != self.name or signature[:KEY_ID] != self.key_id:
            raise Tampered("archive.audit-foreign-key", name=name[:80])
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature[KEY_ID:], head.body)
        except InvalidSignature as error:
            raise Tampered("archive.audit-wrong-signature", size=head.size) from error
        return head


@dataclass(frozen=True)
class Signer:
    """The private half."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def load(cls, secrets_dir: Path, name: str = ORIGIN) -> "Signer":
        """Open ``checkpoint.key.pem``; made at the first use, mode 0600."""
        path = secrets_dir / KEY_FILE
        if not path.exists():
            made = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            with suppress(FileExistsError):  # another process of the same start was faster
                private_file(path, made)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise Tampered("archive.audit-key-unreadable")
        return cls(name, key)

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        raw = self.key.public_key().public_bytes_raw()
        return Verifier(self.name, raw)

    def sign(self, size: int, root: bytes) -> str:
        """The note over a tree of ``size`` leaves."""
        head = Head(ORIGIN, size, root)
        signature = self.verifier.key_id + self.key.sign(head.body)
        line = f"\n— {self.name} {base64.b64encode(signature).decode()}\n"
        return head.body.decode() + line


def parsed(note: str) -> tuple[Head, str, bytes]:
    """What the note says, by whom, and the signature, not yet checked; Tampered when it is no note."""
    match = NOTE.fullmatch(note)
    if match is None:
        raise Tampered("archive.audit-note-unreadable")
    origin, size, encoded, name, signed = match.groups()
    try:
        root = base64.b64decode(encoded, validate=True)
        signature = base64.b64decode(signed, validate=True)
    except binascii.Error as error:
        raise Tampered("archive.audit-note-unreadable") from error
    if len(root) != HASH or origin != ORIGIN:
        raise Tampered("archive.audit-note-unreadable")
    return Head(origin, int(size), root), name, signature
