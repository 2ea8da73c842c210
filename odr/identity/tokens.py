"""Tickets: short-lived, typed, used once; it does not know which door they open.

EdDSA only. ``typ`` is checked, ``aud`` is exact, ``exp``, ``iat``, ``jti``, ``sub`` are required. Keys
lie in ``<secrets>/ticket-<n>.pem``: the newest signs, all of them verify, so that keys can be changed.
"""

import base64
import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from odr.errors import Refused
from odr.identity.models import SpentToken
from odr.settings import private_file

ISSUER = "odr"
AUDIENCES = {"room+jwt": "odr-room", "dl+jwt": "odr-download"}
LEEWAY = timedelta(seconds=5)
REQUIRED = ["exp", "iat", "jti", "sub", "aud", "iss"]


@dataclass(frozen=True)
class Keys:
    """One signing key and all that still verify, by their thumbprint."""

    kid: str
    signing: Ed25519PrivateKey
    verifying: dict[str, Ed25519PublicKey]

    @classmethod
    def load(cls, secrets_dir: Path) -> "Keys":
        """Read the keys of an installation; the first start makes the first one (mode 0600)."""
        if not any(secrets_dir.glob("ticket-*.pem")):
            _make(secrets_dir / "ticket-1.pem")
        paths = sorted(secrets_dir.glob("ticket-*.pem"), key=_number)
        private = [_read(path) for path in paths]
        verifying = {thumbprint(key.public_key()): key.public_key() for key in private}
        return cls(thumbprint(private[-1].public_key()), private[-1], verifying)

    def issue(self, kind: str, claims: dict[str, Any], *, seconds: int, now: datetime) -> str:
        """Sign a ticket of ``kind`` that lasts ``seconds``; ``claims`` must name ``sub``."""
        own = {
            "iss": ISSUER,
            "aud": AUDIENCES[kind],
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=seconds)).timestamp()),
            "jti": secrets.token_urlsafe(24),
        }
        headers = {"typ": kind, "kid": self.kid}
        return jwt.encode({**claims, **own}, self.signing, algorithm="EdDSA", headers=headers)

    def read(self, kind: str, token: str, *, now: datetime) -> dict[str, Any]:
        """The claims of a ticket; Refused when it is forged, of another kind, or too late."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != kind or header.get("kid") not in self.verifying:
                raise Refused("identity.ticket-foreign")
            claims: dict[str, Any] = jwt.decode(
                token,
                self.verifying[header["kid"]],
                algorithms=["EdDSA"],
                audience=AUDIENCES[kind],
                issuer=ISSUER,
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, TypeError) as error:
            raise Refused("identity.ticket-foreign") from error
        _check_time(claims, now)
        return claims


def spend(session: Session, jti: str, now: datetime) -> None:
    """Use a ticket up; Refused the second time, also when both come at once."""
    try:
        with session.begin_nested():
            session.add(SpentToken(jti=jti[:64], spent_at=now))
    except IntegrityError as error:
        raise Refused("identity.ticket-used") from error


def thumbprint(key: Ed25519PublicKey) -> str:
    """The JWK thumbprint (RFC 7638, RFC 8037) that names a key."""
    raw = _b64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    text = f'{{"crv":"Ed25519","kty":"OKP","x":"{raw}"}}'
    return _b64(hashlib.sha256(text.encode()).digest())


def _check_time(claims: dict[str, Any], now: datetime) -> None:
    late = now.timestamp() >= claims["exp"] + LEEWAY.total_seconds()
    early = now.timestamp() < claims["iat"] - LEEWAY.total_seconds()
    if late or early:
        raise Refused("identity.ticket-late")


def _number(path: Path) -> int:
    digits = path.stem.removeprefix("ticket-")
    return int(digits) if digits.isdecimal() else 0


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    private_file(draft, pem)
    with suppress(FileExistsError):  # another process of the same start was faster
        os.link(draft, path)
    draft.unlink()


def _read(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("identity.key-unfit", name=path.name)
    return key


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
