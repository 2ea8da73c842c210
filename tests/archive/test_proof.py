import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from odr.archive.proof import Root, check_signature, check_stamp
from odr.errors import Tampered
from odr.settlement.authority import Authority

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
DATA = b"what is vouched for"


@pytest.fixture
def root(authority: Authority) -> Root:
    return Root.from_pem(authority.root_pem())


def token(authority: Authority, data: bytes = DATA) -> bytes:
    return authority.stamp(hashlib.sha256(data).digest(), NOW)


def test_a_seal_fits(authority: Authority, root: Root) -> None:
    assert check_signature(DATA, authority.sign_cms(DATA), root) == authority.organisation
    assert root.fingerprint == authority.fingerprint


def test_a_stamp_fits(authority: Authority, root: Root) -> None:
    assert check_stamp(DATA, token(authority), root) == NOW


def test_other_data_is_found(authority: Authority, root: Root) -> None:
    with pytest.raises(Tampered):
        check_signature(DATA + b".", authority.sign_cms(DATA), root)
    with pytest.raises(Tampered):
        check_stamp(DATA + b".", token(authority), root)


def test_a_foreign_root_is_found(authority: Authority, tmp_path: Path) -> None:
    foreign = Root.from_pem(Authority.load(tmp_path, authority.organisation).root_pem())
    with pytest.raises(Tampered, match="certificate"):
        check_signature(DATA, authority.sign_cms(DATA), foreign)
    with pytest.raises(Tampered, match="certificate"):
        check_stamp(DATA, token(authority), foreign)


def test_a_stamp_is_no_seal_and_a_seal_no_stamp(authority: Authority, root: Root) -> None:
    with pytest.raises(Tampered):
        check_signature(DATA, token(authority), root)
    with pytest.raises(Tampered):
        check_stamp(DATA, authority.sign_cms(DATA), root)


def test_no_flipped_byte_passes(authority: Authority, root: Root) -> None:
    signature, stamp = authority.sign_cms(DATA), token(authority)
    for whole, check in ((signature, check_signature), (stamp, check_stamp)):
        for index in range(0, len(whole), 4):
            changed = bytearray(whole)
            changed[index] ^= 1 << index % 8
            with pytest.raises(Tampered):
                check(DATA, bytes(changed), root)


@pytest.mark.parametrize("junk", [b"", b"0" * 500, b"\x30\x80", b"\x30\x03\x02\x01\x00"])
def test_junk_is_tampered(root: Root, junk: bytes) -> None:
    with pytest.raises(Tampered):
        check_signature(DATA, junk, root)
    with pytest.raises(Tampered):
        check_stamp(DATA, junk, root)
    with pytest.raises(Tampered):
        Root.from_pem(junk)
