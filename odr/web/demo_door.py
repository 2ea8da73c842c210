"""One-use links with which a visitor of a demonstration takes a role; they open nothing in production."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from odr.errors import Refused

ENVIRONMENTS = frozenset({"demo", "test"})


def demo_token(secret: str, role: str, person_id: UUID) -> str:
    """A link's token for one person in one role; good for one use."""
    body = f"{role}:{person_id}:{secrets.token_hex(8)}".encode()
    return f"{_text(body)}.{_mac(secret, body)}"


def read_demo_token(secret: str, token: str) -> tuple[str, UUID, str]:
    """Role, person and nonce of a token; Refused when it was not made here."""
    text, _, mac = token.partition(".")
    try:
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        role, person, nonce = body.decode().split(":")
        who = UUID(person)
    except ValueError as error:
        raise Refused("web.demo-only") from error
    if not hmac.compare_digest(mac.encode(), _mac(secret, body).encode()):
        raise Refused("web.demo-only")
    return role, who, nonce


def _text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def _mac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), b"demo:" + body, hashlib.sha256).hexdigest()[:40]
