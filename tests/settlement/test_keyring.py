import stat

import pytest
from cryptography.hazmat.primitives import serialization

from odr.errors import Refused
from odr.settlement.authority import Authority
from odr.settlement.certificates import root_certificate
from odr.settlement.keyring import FileKeys
from tests.settlement.conftest import ORGANISATION


def certify(key):
    return root_certificate(key, ORGANISATION)


def never(key):
    raise AssertionError("a key was made anew")


def numbers(holder):
    return holder.key.private_numbers()


def test_a_key_is_made_once_encrypted_and_only_its_owner_reads_it(tmp_path):
    first = FileKeys(tmp_path, "hush").open("root", certify)
    (path,) = tmp_path.glob("*.p12")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = FileKeys(tmp_path, "hush").open("root", never)
    assert numbers(second) == numbers(first)
    assert second.certificate == first.certificate
    assert "hush" not in repr(FileKeys(tmp_path, "hush"))


def test_another_passphrase_is_refused_by_the_name_of_the_file(tmp_path):
    FileKeys(tmp_path, "hush").open("root", certify)
    with pytest.raises(Refused) as refused:
        FileKeys(tmp_path, "louder").open("root", never)
    assert "root.p12" in refused.value.sentence("zh")


def test_a_half_written_file_of_a_killed_start_is_not_in_the_way(tmp_path):
    (tmp_path / "root.part").write_bytes(b"half")
    FileKeys(tmp_path, "hush").open("root", certify)
    assert not (tmp_path / "root.part").exists()


def older(path, holder):
    """As the first version kept a key: in the clear."""
    path.mkdir(parents=True, exist_ok=True)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    content = holder.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    name = "seal" if path.name.startswith("seal") else "root"
    (path / f"{name}.key.pem").write_bytes(content)
    (path / f"{name}.cert.pem").write_bytes(holder.certificate.public_bytes(pem))


@pytest.mark.parametrize("name", ["root", "seal-0a1b2c3d"])
def test_keys_of_the_first_version_move_into_pkcs12(tmp_path, name):
    known = FileKeys(tmp_path / "elsewhere", "x").open("root", certify)
    folder = tmp_path / "authority"
    older(folder / name if name != "root" else folder, known)
    moved = FileKeys(folder, "hush").open(name, never)
    assert numbers(moved) == numbers(known)
    assert {path.name for path in folder.rglob("*")} == {".lock", f"{name}.p12"}
    assert FileKeys(folder, "hush").open(name, never).certificate == known.certificate


def test_a_move_that_was_cut_short_is_finished(tmp_path):
    folder = tmp_path / "authority"
    known = FileKeys(folder, "hush").open("root", certify)
    older(folder, known)
    assert FileKeys(folder, "hush").open("root", never).certificate == known.certificate
    assert list(folder.glob("*.pem")) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(Refused) as refused:
        Authority.load(tmp_path, ORGANISATION, FileKeys(blocked / "authority", "hush"))
    assert str(blocked) in refused.value.sentence("zh")


def test_a_damaged_key_of_the_first_version_is_named(tmp_path):
    (tmp_path / "root.key.pem").write_bytes(b"no key")
    with pytest.raises(Refused) as refused:
        FileKeys(tmp_path, "hush").open("root", never)
    assert "root.key.pem" in refused.value.sentence("en")
