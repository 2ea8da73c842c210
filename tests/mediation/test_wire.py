"""The node's pass: only the holder of the secret, only this kind, only in time."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from odr.errors import Refused
from odr.mediation import wire

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SECRET = "a-secret-that-is-long-enough-for-hs256"


def _claims(**changed):
    issued = int(NOW.timestamp())
    claims = {"iss": "odr", "aud": "odr-web", "sub": "n1", "iat": issued, "exp": issued + 60}
    return {**claims, "jti": "x", **changed}


def _token(claims, typ="svc+jwt", algorithm="HS256"):
    key = None if algorithm == "none" else SECRET
    return jwt.encode(claims, key, algorithm=algorithm, headers={"typ": typ})


def test_a_pass_names_its_node_until_it_expires():
    token = wire.service_token(SECRET, "n1", NOW)
    assert wire.check_service_token(SECRET, token, NOW) == "n1"
    assert wire.check_service_token(SECRET, token, NOW + timedelta(seconds=299)) == "n1"
    with pytest.raises(Refused):
        wire.check_service_token(SECRET, token, NOW + timedelta(seconds=310))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        wire.service_token("another-secret-of-more-than-32-bytes", "n1", NOW),
        wire.service_token(SECRET, "n1", NOW + timedelta(hours=1)),
        _token(_claims(), typ="JWT"),
        _token(_claims(), algorithm="none"),
        _token(_claims(aud="odr-room")),
        _token(_claims(iss="somebody")),
        _token(_claims(exp=int(NOW.timestamp()) + 90_000)),
        _token({name: value for name, value in _claims().items() if name != "jti"}),
    ],
)
def test_what_is_no_pass_is_refused(token):
    with pytest.raises(Refused) as refused:
        wire.check_service_token(SECRET, token, NOW)
    assert refused.value.key == "media.bad-token"
