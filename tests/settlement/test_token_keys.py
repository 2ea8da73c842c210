import copy
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    generate_private_key,
)

from odr.errors import Refused, Unavailable
from odr.settlement.certificates import root_certificate
from odr.settlement.keyring import FileKeys
from odr.settlement.token_keys import Token, TokenKeys
from tests.settlement.conftest import ORGANISATION, PIN

SHA256 = ECDSA(hashes.SHA256())


def certify(key):
    return root_certificate(key, ORGANISATION)


def never(key):
    raise AssertionError("a certificate was made anew")


def test_a_key_is_made_once_and_signs_for_its_certificate(token, tmp_path):
    first = TokenKeys(token, tmp_path).open("once", certify)
    again = Token(token.module, token.label, PIN)
    second = TokenKeys(again, tmp_path).open("once", never)
    assert second.certificate == first.certificate
    for holder in (first, second):
        signature = holder.key.sign(b"text", SHA256)
        holder.certificate.public_key().verify(signature, b"text", SHA256)
    first.certificate.verify_directly_issued_by(first.certificate)


def test_the_key_stays_in_the_token(token, tmp_path):
    key = TokenKeys(token, tmp_path).open("stays", certify).key
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    tries = [
        key.private_numbers,
        lambda: key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
        lambda: key.exchange(ECDH(), generate_private_key(SECP256R1()).public_key()),
        lambda: key.sign(b"text", ECDSA(hashes.SHA384())),
    ]
    for attempt in tries:
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.key == "settlement.key-stays"
    assert copy.copy(key) is copy.deepcopy(key) is key
    assert (key.curve.name, key.key_size) == ("secp256r1", 256)


def test_another_tool_sees_a_key_that_cannot_be_taken_out(token, tmp_path):
    TokenKeys(token, tmp_path).open("seen", certify)
    command = ["pkcs11-tool", "--module", token.module, "--token-label", token.label]
    command += ["--login", "--pin", PIN, "--list-objects", "--type", "privkey"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    part = next(item for item in said.split("Private Key Object") if "odr-seen" in item)
    assert "never extractable" in part
    assert "sensitive" in part


def test_threads_share_one_session(token, tmp_path):
    holder = TokenKeys(token, tmp_path).open("shared", certify)
    public = holder.certificate.public_key()

    def work(number):
        for turn in range(10):
            text = f"{number} {turn}".encode()
            public.verify(holder.key.sign(text, SHA256), text, SHA256)
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))


def test_a_child_process_opens_a_session_of_its_own(token, tmp_path):
    holder = TokenKeys(token, tmp_path).open("child", certify)
    child = os.fork()
    if child == 0:
        os._exit(0 if holder.key.sign(b"text", SHA256) else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert holder.key.sign(b"text", SHA256)


def test_a_wrong_label_is_refused(token, tmp_path):
    with pytest.raises(Refused) as refused:
        TokenKeys(Token(token.module, "other", PIN), tmp_path).open("root", certify)
    assert "other" in refused.value.sentence("zh")


def test_a_module_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(Unavailable):
        TokenKeys(Token("/nowhere.so", "odr", PIN), tmp_path).open("root", certify)


def test_the_pin_is_not_shown(token):
    assert PIN not in repr(token)


def test_a_house_with_keys_in_files_does_not_slip_into_a_token(token, tmp_path):
    FileKeys(tmp_path, "hush").open("elsewhere", certify)
    with pytest.raises(Refused) as refused:
        TokenKeys(token, tmp_path).open("elsewhere", certify)
    assert refused.value.key == "settlement.keys-elsewhere"


def test_a_certificate_of_another_key_is_refused(token, tmp_path):
    def foreign(_key):
        return certify(generate_private_key(SECP256R1()))

    with pytest.raises(Refused):
        TokenKeys(token, tmp_path).open("mixed", foreign)
