import pytest

from odr.settlement.stampcheck import certificates_of, stamped_at
from tests.settlement.conftest import NOW

DIGEST = b"d" * 32


def test_a_token_holds_under_its_root_and_for_its_digest(desk):
    token, root = desk.authority.stamp(DIGEST, NOW), desk.authority.root_pem()
    assert stamped_at(token, DIGEST, root) == NOW
    assert stamped_at(token, b"e" * 32, root) is None
    assert stamped_at(token[:-1], DIGEST, root) is None
    assert stamped_at(desk.authority.sign_cms(b"x"), DIGEST, root) is None


@pytest.mark.parametrize("roots", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\n"])
def test_nothing_holds_under_no_root(desk, roots):
    assert stamped_at(desk.authority.stamp(DIGEST, NOW), DIGEST, roots) is None


def test_a_changed_token_does_not_hold(desk):
    token, root = desk.authority.stamp(DIGEST, NOW), desk.authority.root_pem()
    at = token.index(DIGEST)
    assert stamped_at(token[:at] + b"e" + token[at + 1 :], DIGEST, root) is None


def test_certificates_come_in_both_forms(desk):
    (one,) = certificates_of(desk.authority.root_pem())
    assert certificates_of(one.dump())[0].dump() == one.dump()
