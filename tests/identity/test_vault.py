from uuid import uuid4

import pytest

from odr.errors import Tampered
from odr.identity.vault import Vault
from odr.settings import Secret

VAULT = Vault(Secret("ab" * 32), Secret("cd" * 32))


def test_what_is_sealed_can_be_opened_and_never_looks_the_same():
    first, second = (VAULT.seal("13800138001", context="phone") for _ in range(2))
    assert first != second
    assert b"13800138001" not in first
    assert VAULT.open(first, context="phone") == "13800138001"


@pytest.mark.parametrize("change", ["byte", "context", "key", "short", "empty"])
def test_nothing_else_opens_it(change):
    sealed, context, vault = VAULT.seal("陈", context="phone"), "phone", VAULT
    if change == "byte":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    elif change == "context":
        context = "id-number"
    elif change == "key":
        vault = Vault(Secret("ff" * 32), Secret("cd" * 32))
    else:
        sealed = sealed[:5] if change == "short" else b""
    with pytest.raises(Tampered):
        vault.open(sealed, context=context)


def test_the_index_is_equal_for_equal_numbers_however_typed():
    assert VAULT.index("11010519491231002x") == VAULT.index(
        "".join(chr(ord(one) + 0xFEE0) for one in "11010519491231002X")
    )
    assert VAULT.index("1") != VAULT.index("2")
    assert VAULT.index("1") != VAULT.mac("1")
    assert VAULT.index("1") != Vault(Secret("ab" * 32), Secret("ee" * 32)).index("1")


def test_a_vault_without_secrets_is_none():
    with pytest.raises(ValueError, match="key"):
        Vault(Secret(""), Secret("a"))


def test_what_a_case_seals_opens_only_with_the_key_of_this_case():
    one, two = uuid4(), uuid4()
    key, other = VAULT.new_case_key(one), VAULT.new_case_key(two)
    cipher = VAULT.of_case(key, one).seal("13800138001", context="phone")
    assert VAULT.of_case(key, one).open(cipher, context="phone") == "13800138001"
    for attempt in (
        lambda: VAULT.of_case(key, two),
        lambda: VAULT.of_case(other, two).open(cipher, context="phone"),
        lambda: VAULT.of_case(key, one).open(cipher, context="id-number"),
        lambda: VAULT.of_case(key, one).open(b"\x01" + cipher[1:], context="phone"),
        lambda: VAULT.open(cipher, context="phone"),
    ):
        with pytest.raises(Tampered):
            attempt()
