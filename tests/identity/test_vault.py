from pathlib import Path
from uuid import uuid4

import pytest

from odr.errors import Tampered
from odr.identity.vault import KeyGone, KeyLost, Vault
from odr.settings import Secret

NOWHERE = Path("/nonexistent")
VAULT = Vault(Secret("ab" * 32), Secret("cd" * 32), NOWHERE)


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
        vault = Vault(Secret("ff" * 32), Secret("cd" * 32), NOWHERE)
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
    assert VAULT.index("1") != Vault(Secret("ab" * 32), Secret("ee" * 32), NOWHERE).index("1")


def test_a_vault_without_secrets_is_none():
    with pytest.raises(ValueError, match="key"):
        Vault(Secret(""), Secret("a"), NOWHERE)


@pytest.fixture
def vault(tmp_path):
    return Vault(Secret("ab" * 32), Secret("cd" * 32), tmp_path / "case-keys")


def test_what_a_case_seals_opens_only_with_the_key_of_this_case(vault):
    one, two = uuid4(), uuid4()
    key, other = vault.new_case_key(one), vault.new_case_key(two)
    cipher = vault.of_case(key, one).seal("13800138001", context="phone")
    assert vault.of_case(key, one).open(cipher, context="phone") == "13800138001"
    for attempt in (
        lambda: vault.of_case(key, two),
        lambda: vault.of_case(other, two).open(cipher, context="phone"),
        lambda: vault.of_case(key, one).open(cipher, context="id-number"),
        lambda: vault.of_case(key, one).open(b"\x01" + cipher[1:], context="phone"),
        lambda: vault.open(cipher, context="phone"),
    ):
        with pytest.raises(Tampered):
            attempt()


def test_the_row_alone_is_only_half_a_key_and_nobody_has_the_other_when_it_is_destroyed(
    vault, tmp_path
):
    one, two = uuid4(), uuid4()
    key, other = vault.new_case_key(one), vault.new_case_key(two)
    cipher = vault.of_case(key, one).seal("林福根", context="name")
    assert vault.destroy(one) is True
    assert vault.destroy(uuid4()) is False
    again = vault.new_case_key(one)  # what was destroyed stays destroyed
    for wrapped in (key, again):
        with pytest.raises(KeyGone):
            vault.of_case(wrapped, one).open(cipher, context="name")
    assert vault.of_case(other, two)
    kept = tmp_path / "case-keys"
    assert kept.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_a_half_that_is_missing_though_nobody_destroyed_it_is_an_alarm(vault, tmp_path):
    one = uuid4()
    key = vault.new_case_key(one)
    (tmp_path / "case-keys" / str(one)).unlink()
    with pytest.raises(KeyLost):
        vault.of_case(key, one)


def test_a_half_that_was_cut_is_no_key(vault, tmp_path):
    one = uuid4()
    key = vault.new_case_key(one)
    (tmp_path / "case-keys" / str(one)).write_bytes(b"short")
    with pytest.raises(Tampered):
        vault.of_case(key, one)


def test_a_key_from_before_there_were_halves_opens(vault):
    one = uuid4()
    whole = VAULT.seal("0f" * 32, context=f"case-key:{one}")
    cipher = vault.of_case(whole, one).seal("林福根", context="name")
    assert vault.of_case(whole, one).open(cipher, context="name") == "林福根"
