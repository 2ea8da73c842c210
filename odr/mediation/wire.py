"""The pass with which a media node enters the web; it does not know sockets or rooms.

A short-lived JWT (HS256) over the service secret that both sides hold, of its own type so that no other
token of the house opens this door.
"""

import secrets
from datetime import datetime, timedelta

import jwt

from odr.errors import Refused

TYPE = "svc+jwt"
ISSUER = "odr"
AUDIENCE = "odr-web"
LIFETIME = timedelta(seconds=300)
LEEWAY = timedelta(seconds=5)
NEEDED = ["iss", "aud", "sub", "iat", "exp", "jti"]


def service_token(secret: str, node_id: str, now: datetime) -> str:
    """A pass for one node, good for five minutes from ``now`` (aware)."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": node_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": secrets.token_hex(16),
    }
    return jwt.encode(claims, secret, algorithm="HS256", headers={"typ": TYPE})


def check_service_token(secret: str, token: str, now: datetime) -> str:
    """The node a pass was issued to; Refused when it is of another kind, forged, early or late."""
    try:
        if jwt.get_unverified_header(token).get("typ") != TYPE:
            raise Refused("media.bad-token")
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": NEEDED, "verify_exp": False, "verify_iat": False},
        )
        issued, expires = int(claims["iat"]), int(claims["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError) as error:
        raise Refused("media.bad-token") from error
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    in_time = issued - leeway <= moment < expires + leeway
    if not in_time or expires - issued > LIFETIME.total_seconds():
        raise Refused("media.bad-token")
    return str(claims["sub"])
