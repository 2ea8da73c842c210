import subprocess

import pytest

from odr.settlement.sm2 import N, P, sm3, verify
from odr.settlement.sm2 import _Signature as Pair

DISTID = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
DATA = b"what is signed " * 50


def openssl(folder, *command):
    return subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sm2")
    (folder / "data").write_bytes(DATA)
    new = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"]
    openssl(folder, *new, "-out", "key")
    public = openssl(folder, "pkey", "-in", "key", "-pubout")
    return public, openssl(folder, "pkeyutl", "-sign", "-inkey", "key", "-in", "data", *DISTID)


def test_the_digest_is_that_of_the_standard():
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_what_openssl_signs_holds(signed):
    public, signature = signed
    assert verify(public, DATA, signature)


def test_any_other_text_or_signature_does_not(signed):
    public, signature = signed
    assert not verify(public, DATA + b".", signature)
    for at in range(4, len(signature), 5):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not verify(public, DATA, bytes(changed)), at
    assert not verify(public, DATA, signature + b"\x00")


def test_numbers_out_of_range_do_not(signed):
    public, signature = signed
    pair = Pair.load(signature)
    r, s = pair["r"].native, pair["s"].native
    for forged in ((0, s), (r, 0), (r + N, s), (r, s + N), (r, N - r), (-r, s)):
        assert not verify(public, DATA, Pair(dict(zip("rs", forged, strict=True))).dump())


def test_another_key_or_another_curve_does_not(signed, tmp_path):
    _, signature = signed
    for curve in ("SM2", "P-256"):
        new = ["genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}"]
        openssl(tmp_path, *new, "-out", "key")
        other = openssl(tmp_path, "pkey", "-in", "key", "-pubout")
        assert not verify(other, DATA, signature)


def test_a_point_off_the_curve_is_no_key(signed):
    from asn1crypto import keys, pem

    public, signature = signed
    info = keys.PublicKeyInfo.load(pem.unarmor(public)[2])
    octets = bytes(info["public_key"])
    y = (int.from_bytes(octets[33:]) + 1) % P
    info["public_key"] = octets[:33] + y.to_bytes(32)
    forged = pem.armor("PUBLIC KEY", info.dump(force=True))
    assert not verify(forged, DATA, signature)


@pytest.mark.parametrize("public", [b"", b"-----BEGIN PUBLIC KEY-----", b"\x00" * 100])
def test_rubbish_is_no_key(public, signed):
    assert not verify(public, DATA, signed[1])
