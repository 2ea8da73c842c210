import asyncio

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

from odr.settlement.signer import KeySigner, certificate_of
from tests.settlement.conftest import NOW


def test_a_pen_signs_with_its_key_and_a_dry_run_only_tells_the_length(desk):
    held = desk.authority.standing.at("platform", NOW)
    pen = KeySigner(held, desk.authority.root)
    signature = asyncio.run(pen.async_sign_raw(b"text", "sha256"))
    held.certificate.public_key().verify(signature, b"text", ECDSA(hashes.SHA256()))
    assert len(signature) <= len(asyncio.run(pen.async_sign_raw(b"text", "sha256", dry_run=True)))
    assert certificate_of(pen).dump() == held.der
