import hashlib
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import tsp

from odr.settlement.authority import Authority
from odr.settlement.certificates import EVENT_VALIDITY, PLATFORM, SEAL, TSA
from tests.settlement.conftest import NOW, ORGANISATION


def test_keys_are_made_once(tmp_path):
    first = Authority.load(tmp_path, ORGANISATION)
    second = Authority.load(tmp_path, ORGANISATION)
    assert (second.fingerprint, second.seal.der) == (first.fingerprint, first.seal.der)
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


@pytest.mark.parametrize(("kind", "year"), [(PLATFORM, 2035), (SEAL, 2035), (TSA, 2040)])
def test_a_standing_certificate_gets_a_successor_a_year_before_its_end(tmp_path, kind, year):
    standing = Authority.load(tmp_path, ORGANISATION).standing
    first = standing.at(kind, NOW)
    assert standing.at(kind, datetime(year - 1, 12, 30, tzinfo=UTC)) == first
    late = datetime(year, 1, 3, tzinfo=UTC)
    second = standing.at(kind, late)
    assert second.certificate.subject == first.certificate.subject
    assert second.certificate.not_valid_after_utc > late + timedelta(days=3000)
    second.certificate.verify_directly_issued_by(standing.root.certificate)
    assert standing.at(kind, NOW) == first
    again = Authority.load(tmp_path, ORGANISATION).standing
    assert again.at(kind, late).certificate == second.certificate


def test_no_certificate_outlives_the_root(desk):
    end = desk.authority.root.certificate.not_valid_after_utc
    last = desk.authority.standing.at(TSA, end - timedelta(days=3)).certificate
    assert last.not_valid_after_utc == end
