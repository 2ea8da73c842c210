import asyncio
import hashlib
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from asn1crypto import cms, pem, tsp

from odr import clock
from odr.errors import Refused, Tampered, Unavailable
from odr.settlement.authority import Authority
from odr.settlement.document import fields_of, render
from odr.settlement.signing import Act, Desk, fields, prepare, seal, sign
from odr.settlement.timestamps import OutsideTsa, certificates_in
from odr.settlement.verification import verify_pdf
from tests.settlement.conftest import ORGANISATION, make_data, make_strokes

CONF = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
authorityKeyIdentifier = keyid
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(*command, **how):
    return subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True, **how)


def make_authority(folder, name):
    """A time stamp authority as a provider would run it: RSA, its own root, `openssl ts`."""
    conf = folder / "tsa.cnf"
    conf.write_text(CONF.format(folder=folder))
    (folder / "serial").write_text("01")
    new = ["req", "-config", conf, "-newkey", "rsa:2048", "-nodes", "-batch"]
    own = ["-keyout", folder / "root.key", "-subj", f"/CN={name} root", "-days", "3650"]
    openssl(*new, *own, "-x509", "-extensions", "root", "-out", folder / "root.pem")
    own = ["-keyout", folder / "tsa.key", "-subj", f"/O={name}/CN={name} time stamp"]
    openssl(*new, *own, "-out", folder / "tsa.csr")
    issue = ["x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "root.pem"]
    issue += ["-CAkey", folder / "root.key", "-set_serial", "7", "-days", "1000"]
    openssl(*issue, "-extfile", conf, "-extensions", "stamping", "-out", folder / "tsa.pem")


@dataclass
class Provider:
    """A real HTTP server in front of `openssl ts -reply`."""

    folder: Path
    url: str = ""
    asked: int = 0
    logins: set = field(default_factory=set)
    behave: object = None

    @property
    def roots(self):
        return self.folder / "root.pem"

    def reply(self, query):
        path = self.folder / "query"
        path.write_bytes(query)
        command = ["ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", path]
        return openssl(*command).stdout

    def tsa(self, **change):
        return OutsideTsa(self.url, certificates_in(self.roots), **change)


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("tsa"))
    make_authority(provider.folder, "Example TSA")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            provider.asked += 1
            provider.logins.add(self.headers.get("Authorization", ""))
            behave = provider.behave or (lambda query: (200, provider.reply(query)))
            status, content = behave(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    provider.url = f"http://127.0.0.1:{server.server_port}/tsa"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(serving):
    serving.behave, serving.asked = None, 0
    serving.logins.clear()
    return serving


@pytest.fixture
def outside(provider, tmp_path, fonts):
    """The house with its stamps from outside."""
    return Desk(Authority.load(tmp_path / "house", ORGANISATION, outside=provider.tsa()), fonts)


def signed(desk, cache):
    """All signatures, at the hour that the authority outside tells as well."""
    data, now = make_data(), clock.now()
    paper = prepare(desk, render(data, cache), now)
    for index, (name, who) in enumerate(fields_of(data)[:-1], 1):
        paper = sign(desk, paper, Act(name, who, f"{index:064x}", make_strokes(), now))
    return paper


@pytest.fixture(scope="module")
def paper(serving, tmp_path_factory, fonts, cache):
    secrets = tmp_path_factory.mktemp("outside")
    desk = Desk(Authority.load(secrets, ORGANISATION, outside=serving.tsa()), fonts)
    waiting = signed(desk, cache)
    return desk, waiting, seal(desk, waiting, clock.now())


def bad(pdf, *roots):
    return {(one.item, one.text_en) for one in verify_pdf(pdf, *roots) if not one.ok}


def test_a_paper_bears_the_outside_stamps_on_every_signature(paper, provider):
    desk, _, pdf = paper
    roots = [desk.authority.root_pem()]
    assert bad(pdf, roots, [provider.roots.read_bytes()]) == set()
    said = [one.text_en for one in verify_pdf(pdf, roots, [provider.roots.read_bytes()])]
    assert sum("Example TSA time stamp" in text for text in said) == 6 + 5
    assert not any("internal" in text for text in said)


def test_outside_stamps_are_not_trusted_without_their_root(paper):
    desk, _, pdf = paper
    items = {item for item, _ in bad(pdf, [desk.authority.root_pem()])}
    assert items == {"platform", "party-1", "party-2", "mediator", "seal", "timestamp"}


def test_a_root_of_stamps_vouches_for_nobody(paper, provider, fonts, cache, tmp_path):
    """Who is trusted for time only cannot make somebody a party."""
    desk, _, pdf = paper
    other = Authority.load(tmp_path, ORGANISATION)
    items = {item for item, _ in bad(pdf, [other.root_pem()], [desk.authority.root_pem()])}
    assert {"platform", "party-1", "party-2", "mediator", "seal"} <= items


def test_openssl_verifies_a_stamp_of_the_paper(paper, provider, tmp_path):
    _, _, pdf = paper
    digest = hashlib.sha256(pdf).digest()
    (tmp_path / "token").write_bytes(provider.tsa().token(digest))
    command = ["ts", "-verify", "-token_in", "-in", tmp_path / "token", "-digest", digest.hex()]
    assert b"OK" in openssl(*command, "-CAfile", provider.roots).stdout


def test_the_length_of_an_answer_is_asked_once(outside, provider, cache):
    now, page = clock.now(), render(make_data(), cache)
    prepare(outside, page, now)
    prepare(outside, page, now)
    assert provider.asked == 3


def away(_query):
    return 503, b""


def cut_short(_query):
    return 200, b"\x30\x82"


def rejecting(_query):
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["closed today"]})
    return 200, tsp.TimeStampResp({"status": status}).dump()


def flooding(_query):
    return 200, b"\x00" * 100_000


@pytest.mark.parametrize(
    ("behave", "error"),
    [(away, Unavailable), (rejecting, Unavailable), (flooding, Unavailable), (cut_short, Tampered)],
)
def test_a_bad_answer_is_a_refusal_and_nothing_is_signed(paper, provider, behave, error):
    desk, waiting, _ = paper
    provider.behave = behave
    with pytest.raises(error) as refused:
        seal(desk, waiting, clock.now())
    assert "127.0.0.1" in refused.value.sentence("zh")
    assert not fields(waiting)["seal"]
    provider.behave = None
    assert fields(seal(desk, waiting, clock.now()))["seal"]


def test_a_provider_that_is_gone_is_a_refusal(cache, tmp_path, fonts, provider):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        port = closed.server_port
    tsa = OutsideTsa(f"http://127.0.0.1:{port}/", certificates_in(provider.roots))
    desk = Desk(Authority.load(tmp_path, ORGANISATION, outside=tsa), fonts)
    with pytest.raises(Unavailable) as refused:
        prepare(desk, render(make_data(), cache), clock.now())
    assert not refused.value.permanent


def test_a_stamp_over_something_else_is_refused(provider):
    honest = provider.reply

    def lying(query):
        request = tsp.TimeStampReq.load(query)
        request["message_imprint"]["hashed_message"] = b"\x00" * 32
        return 200, honest(request.dump(force=True))

    provider.behave = lying
    with pytest.raises(Tampered):
        provider.tsa().token(b"d" * 32)


def test_an_old_answer_played_again_is_refused(provider):
    tsa = provider.tsa()
    kept = []

    def replaying(query):
        kept.append(provider.reply(query))
        return 200, kept[0]

    provider.behave = replaying
    tsa.token(b"d" * 32)
    with pytest.raises(Tampered):
        tsa.token(b"d" * 32)


def test_a_stamp_of_another_hour_is_refused(provider, desk):
    """A person's certificate begins now; a stamp of an hour ago would never prove it."""
    slow = desk.authority.timestamper(clock.now() - timedelta(hours=1))

    def late(query):
        return 200, asyncio.run(
            slow.async_request_tsa_response(tsp.TimeStampReq.load(query))
        ).dump()

    provider.behave = late
    tsa = OutsideTsa(provider.url, (desk.authority.root_certificate(),))
    with pytest.raises(Unavailable) as refused:
        tsa.token(b"d" * 32)
    assert refused.value.key == "settlement.tsa-clock"


def test_a_stamp_under_another_root_is_refused(provider, tmp_path):
    make_authority(tmp_path, "Example TSA")
    tsa = OutsideTsa(provider.url, certificates_in(tmp_path / "root.pem"))
    with pytest.raises(Tampered) as refused:
        tsa.token(b"d" * 32)
    assert "ODR_TSA_ROOTS" in refused.value.sentence("zh")


def test_the_login_is_sent_and_not_shown(provider):
    tsa = provider.tsa(login="house:hush-hush")
    tsa.token(b"d" * 32)
    assert provider.logins == {"Basic aG91c2U6aHVzaC1odXNo"}
    assert "hush" not in repr(tsa)


def test_roots_that_are_no_certificates_are_named(tmp_path):
    (tmp_path / "roots.pem").write_text("nothing")
    for file in (tmp_path / "roots.pem", tmp_path / "missing.pem"):
        with pytest.raises(Refused) as refused:
            certificates_in(file)
        assert str(file) in refused.value.sentence("en")


def test_a_file_may_hold_several_roots(provider, desk, tmp_path):
    both = tmp_path / "roots.pem"
    both.write_bytes(provider.roots.read_bytes() + desk.authority.root_pem())
    found = certificates_in(both)
    assert found[0].dump() == pem.unarmor(provider.roots.read_bytes())[2]
    assert len(found) == 2


def test_the_stamp_tells_the_hour_of_the_authority(provider):
    token = cms.ContentInfo.load(provider.tsa().token(b"d" * 32))
    told = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    assert abs(told - clock.now()) < timedelta(minutes=1)
