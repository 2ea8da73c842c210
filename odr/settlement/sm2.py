"""Checks an SM2 signature over SM3 (GB/T 32918.2), from public values only; it makes none and keeps no key.

A second implementation beside the openssl that signs: what one writes the other must read. Nothing here is
secret, so plain integers do.
"""

from asn1crypto import core, keys, pem
from cryptography.hazmat.primitives import hashes

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
CURVE = "1.2.156.10197.1.301"
SIGNER_ID = b"1234567812345678"  # the usual one where nobody agreed on another (GM/T 0009)
SIZE = 32
DAMAGE = (ValueError, TypeError, KeyError, AttributeError)  # what hostile bytes raise in the parser
Point = tuple[int, int] | None  # None is the point at infinity


class _Signature(core.Sequence):
    _fields = [("r", core.Integer), ("s", core.Integer)]  # noqa: RUF012 -- the library's form


def sm3(data: bytes) -> bytes:
    """The digest, 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def verify(public_pem: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the DER ``signature`` over ``data`` was made by the key of ``public_pem``; hostile bytes are no."""
    try:
        public = _public(public_pem)
        parsed = _Signature.load(signature, strict=True)
        r, s = int(parsed["r"].native), int(parsed["s"].native)
        if parsed.dump(force=True) != signature:
            return False
    except DAMAGE:
        return False
    if public is None or not (0 < r < N and 0 < s < N) or (r + s) % N == 0:
        return False
    point = _add(_times(s, G), _times((r + s) % N, public))
    return point is not None and (_message(public, data) + point[0]) % N == r


def _public(public_pem: bytes) -> Point:
    """The point of a SubjectPublicKeyInfo on this curve; None when it is not on it."""
    info = keys.PublicKeyInfo.load(pem.unarmor(public_pem)[2], strict=True)
    if info["algorithm"]["parameters"].chosen.dotted != CURVE:
        return None
    octets = bytes(info["public_key"])
    if len(octets) != 1 + 2 * SIZE or octets[0] != 4:  # noqa: PLR2004 -- uncompressed
        return None
    x, y = int.from_bytes(octets[1 : 1 + SIZE]), int.from_bytes(octets[1 + SIZE :])
    on_curve = x < P and y < P and (y * y - x * x * x - A * x - B) % P == 0
    return (x, y) if on_curve else None


def _message(public: tuple[int, int], data: bytes) -> int:
    """The number that is signed: SM3 over who signs and the data (GB/T 32918.2, 5.5 and 6.1)."""
    bits = (len(SIGNER_ID) * 8).to_bytes(2)
    numbers = b"".join(value.to_bytes(SIZE) for value in (A, B, *G, *public))
    return int.from_bytes(sm3(sm3(bits + SIGNER_ID + numbers) + data))


def _add(one: Point, two: Point) -> Point:
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if one == two:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def _times(number: int, point: Point) -> Point:
    total: Point = None
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total
