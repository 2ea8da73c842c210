import hashlib
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from asn1crypto import tsp

from odr.settlement.authority import EVENT_VALIDITY, Authority, shortened
from tests.settlement.conftest import NOW, ORGANISATION


def test_keys_are_made_once_and_only_the_owner_reads_them(tmp_path):
    first = Authority.load(tmp_path, ORGANISATION)
    assert Authority.load(tmp_path, ORGANISATION).fingerprint == first.fingerprint
    files = [path for path in (tmp_path / "authority").rglob("*") if path.is_file()]
    assert len(files) == 8
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in repr(first)


def test_a_renamed_organisation_gets_another_seal_under_the_same_root(tmp_path):
    first = Authority.load(tmp_path, ORGANISATION)
    second = Authority.load(tmp_path, "新的中心")
    assert second.fingerprint == first.fingerprint
    assert second.seal.certificate != first.seal.certificate
    assert Authority.load(tmp_path, ORGANISATION).seal.certificate == first.seal.certificate


def test_two_first_starts_agree(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        loaded = pool.map(lambda _: Authority.load(tmp_path, ORGANISATION), range(4))
        assert len({(item.fingerprint, item.seal.der) for item in loaded}) == 1


def test_an_event_certificate_lives_two_days_and_carries_the_evidence(desk):
    signer = desk.authority.event_signer("王䶮", "ab" * 32, NOW)
    certificate = signer.signing_cert
    assert certificate.not_valid_after - NOW.replace(microsecond=0) == EVENT_VALIDITY
    assert certificate.not_valid_before < NOW
    values = [item["extn_value"].native for item in certificate["tbs_certificate"]["extensions"]]
    assert b"\x04\x20" + bytes.fromhex("ab" * 32) in values
    again = desk.authority.event_signer("王䶮", "ab" * 32, NOW + timedelta(seconds=1))
    assert again.signing_cert.public_key.dump() != certificate.public_key.dump()


def test_openssl_accepts_the_internal_time_stamp_and_the_seal(desk, tmp_path):
    root, data = tmp_path / "root.pem", tmp_path / "data"
    root.write_bytes(desk.authority.root_pem())
    data.write_bytes(b"what is stamped")
    token = desk.authority.stamp(hashlib.sha256(data.read_bytes()).digest(), NOW)
    (tmp_path / "token").write_bytes(token)
    (tmp_path / "cms").write_bytes(desk.authority.sign_cms(data.read_bytes()))
    stamp = ["openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "token", "-data", data]
    seal = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms"]
    seal += ["-content", data, "-purpose", "any"]
    for command in (stamp, seal):
        done = subprocess.run([*command, "-CAfile", root], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_internal_stamp_says_so(desk):
    info = tsp.ContentInfo.load(desk.authority.stamp(b"a" * 32, NOW))["content"]
    assert "内部时间戳" in info["encap_content_info"]["content"].parsed["tsa"].native["common_name"]


def test_long_names_are_cut_between_characters():
    assert shortened("长" * 40) == "长" * 21
