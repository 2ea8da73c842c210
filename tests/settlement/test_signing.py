import asyncio
import io
import itertools
import subprocess
from datetime import timedelta

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from odr.errors import Refused, Tampered
from odr.settlement.authority import Authority
from odr.settlement.document import render
from odr.settlement.signing import Act, Desk, fields, prepare, seal, sign
from odr.settlement.token_keys import TokenKeys
from odr.settlement.verification import verify_pdf
from tests.settlement.conftest import NOW, ORGANISATION, make_data, make_strokes, sign_all


@pytest.fixture(scope="module", params=["files", "token"])
def desk(request, tmp_path_factory, fonts):
    """The same house with its keys in PKCS#12 files and in a PKCS#11 token."""
    secrets, keys = tmp_path_factory.mktemp(request.param), None
    if request.param == "token":
        keys = TokenKeys(request.getfixturevalue("token"), secrets / "authority")
    return Desk(Authority.load(secrets, ORGANISATION, keys), fonts)


@pytest.fixture(scope="module")
def revisions(desk, cache):
    return sign_all(desk, make_data(), cache)


@pytest.fixture(scope="module")
def sealed(revisions):
    return revisions[-1]


def act(field, name="王䶮"):
    return Act(field, name, "ab" * 32, make_strokes(), NOW)


def test_each_signature_adds_a_revision_and_keeps_the_bytes_before(revisions):
    for before, after in itertools.pairwise(revisions):
        assert after.startswith(before)
    assert all(fields(revisions[-1]).values())


def test_the_sealed_paper_passes_the_house_check(sealed, desk):
    findings = verify_pdf(sealed, [desk.authority.root_pem()])
    assert [finding for finding in findings if not finding.ok] == []


def test_the_size_stays_modest(sealed):
    assert len(sealed) < 600_000


def test_the_order_is_kept(desk, revisions):
    with pytest.raises(Refused) as refused:
        sign(desk, revisions[0], act("mediator", "陈晓岚"))
    assert refused.value.key == "settlement.signs-too-early"
    with pytest.raises(Refused):
        seal(desk, revisions[2], NOW)


def test_every_signature_locks_what_it_must(sealed):
    """The platform lets only fields be filled, each signer locks his own, the seal locks everything."""
    told = {}
    for signature in PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures:
        found = {}
        for item in signature.sig_object["/Reference"]:
            reference = item.get_object()
            method, how = reference["/TransformMethod"], reference["/TransformParams"].get_object()
            found[method] = how["/P"] if method == "/DocMDP" else how["/Action"]
            if "/Fields" in how:
                found["fields"] = [str(name) for name in how["/Fields"]]
            if method == "/FieldMDP" and "/P" in how:
                found["after"] = how["/P"]
        told[signature.field_name] = found
    signers = ("party-1", "party-2", "mediator")
    own = {name: {"/FieldMDP": "/Include", "fields": [name]} for name in signers}
    assert told == {
        "platform": {"/DocMDP": 2},
        **own,
        "seal": {"/FieldMDP": "/All", "after": 1},
    }
    assert list(told) == ["platform", *signers, "seal"]


def test_a_revision_slipped_in_before_a_signature_is_not_signed_over(desk, revisions):
    writer = IncrementalPdfFileWriter(io.BytesIO(revisions[1]))
    writer.root["/OpenAction"] = generic.NullObject()
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Tampered):
        sign(desk, out.getvalue(), act("party-2", "李建国"))


def test_uncertified_text_is_not_signed(desk, cache):
    with pytest.raises(Refused):
        sign(desk, render(make_data(), cache), act("party-1"))


def test_a_second_signature_in_a_field_is_refused(desk, revisions):
    with pytest.raises(Refused) as refused:
        sign(desk, revisions[1], act("party-1"))
    assert refused.value.key == "settlement.already-signed"


def test_an_unknown_field_is_refused(desk, revisions):
    with pytest.raises(Refused):
        sign(desk, revisions[0], act("party-9"))


@pytest.mark.parametrize(
    "damage", [lambda pdf: pdf + b"x", lambda pdf: pdf.replace(b"FlateDecode", b"FlateDecodf", 1)]
)
def test_a_changed_file_is_never_signed(desk, revisions, damage):
    with pytest.raises(Tampered):
        sign(desk, damage(revisions[1]), act("party-2", "李建国"))


def test_text_certified_twice_is_refused(desk, revisions):
    with pytest.raises(Refused):
        prepare(desk, revisions[0], NOW)


def test_poppler_finds_every_signature_valid(sealed, tmp_path):
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 5
    assert said.count("Total document signed") == 1


def test_qpdf_finds_no_fault(sealed, tmp_path):
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, check=False)
    assert done.returncode == 0


def test_the_seal_embeds_what_a_later_check_needs(sealed):
    reader = PdfFileReader(io.BytesIO(sealed))
    assert len(reader.root["/DSS"]["/CRLs"]) == 1
    assert len(reader.root["/DSS"]["/Certs"]) >= 2


@pytest.mark.parametrize("years", [0, 5, 9])
def test_every_signature_is_valid_for_the_library_years_later(sealed, desk, years):
    """AdES long-term validation: the persons' certificates lived two days, the proof lives on."""
    trust = SimpleTrustManager.build([desk.authority.root_certificate()])
    revocation = CertRevTrustPolicy(
        RevocationCheckingPolicy.from_legacy("require"), freshness=timedelta(days=30)
    )
    policy = SignatureValidationSpec(CertValidationPolicySpec(trust, revocation))
    later = NOW + timedelta(days=365 * years + 1)
    for signature in PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures:
        result = asyncio.run(
            simulate_future_ades_lta_validation(
                signature, PdfSignatureValidationSpec(policy), later
            )
        )
        assert result.ades_subindic == AdESPassed.OK
