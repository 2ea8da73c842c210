import stat
import subprocess

import pytest

from odr.errors import Refused, Unavailable
from odr.settlement.authority import Authority
from odr.settlement.countersign import LABEL, CounterKey
from odr.settlement.sm2 import verify
from tests.settlement.conftest import ORGANISATION
from tests.settlement.test_sm2 import DISTID


def test_a_counter_signature_holds_for_both_implementations(tmp_path):
    key = CounterKey(tmp_path, "hush")
    signature = key.sign(b"manifest")
    assert verify(key.public_pem(), b"manifest", signature)
    (tmp_path / "data").write_bytes(b"manifest")
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "public").write_bytes(key.public_pem())
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public", "-in", "data"]
    done = subprocess.run(
        [*command, "-sigfile", "signature", *DISTID], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_key_is_made_once_encrypted_and_private(tmp_path):
    first = CounterKey(tmp_path, "hush").public_pem()
    path = tmp_path / "sm2.key.pem"
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CounterKey(tmp_path, "hush").public_pem() == first
    assert "hush" not in repr(CounterKey(tmp_path, "hush"))
    with pytest.raises(Refused):
        CounterKey(tmp_path, "louder").sign(b"x")


def test_without_openssl_nothing_is_signed(tmp_path, monkeypatch):
    CounterKey(tmp_path, "hush").public_pem()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable) as refused:
        CounterKey(tmp_path, "hush").sign(b"x")
    assert "ODR_SM2" in refused.value.sentence("zh")


def test_it_is_off_unless_switched_on_and_claims_nothing(tmp_path):
    plain = Authority.load(tmp_path, ORGANISATION)
    assert (plain.counter_key(), plain.counter_sign(b"x")) == (b"", b"")
    assert LABEL == "SM2/SM3 counter-signature, no claim of GM/T compliance"
