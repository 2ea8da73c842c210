import asyncio
import io
import random
import re
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper

from odr import chain
from odr.settlement.authority import Authority
from odr.settlement.document import data_to_json, fields_of, render
from odr.settlement.signing import Act, Desk, prepare, seal, sign
from odr.settlement.verification import verify_pdf
from tests.settlement.conftest import (
    NOW,
    ORGANISATION,
    make_data,
    make_strokes,
    sign_all,
    signed_on,
)

name = generic.pdf_name


def failures(pdf, desk):
    return {
        (finding.item, finding.text_en)
        for finding in verify_pdf(pdf, [desk.authority.root_pem()])
        if not finding.ok
    }


def update(pdf, change):
    """One more revision in which ``change`` has been at work."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def first_page(writer):
    page = writer.find_page_for_modification(0)[0].get_object()
    writer.mark_update(writer.find_page_for_modification(0)[0])
    return page


def replace_page(writer):
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 90 700 Td (3,400,000) Tj ET")
    first_page(writer)["/Contents"] = writer.add_object(stream)


def overlay(writer):
    note = generic.DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/FreeText"),
            name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (90, 400, 300, 420))),
            name("/Contents"): generic.pdf_string("3,400,000"),
        }
    )
    page = first_page(writer)
    notes = generic.ArrayObject(page.get("/Annots", []))
    notes.append(writer.add_object(note))
    page["/Annots"] = notes


def swap_attachment(writer):
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    stream = names[1].get_object()["/EF"]["/F"]
    stream._data = stream._encoded_data = None
    fresh = generic.StreamObject(stream_data=b'{"total_fen": 1}')
    names[1].get_object()["/EF"][name("/F")] = writer.add_object(fresh)
    writer.update_container(names[1].get_object())


def swap_appearance(writer):
    field = next(
        item.get_object()
        for item in writer.root["/AcroForm"]["/Fields"]
        if item.get_object()["/T"] == "party-1"
    )
    form = generic.StreamObject(stream_data=b"0 0 50 20 re f")
    form["/Type"], form["/Subtype"] = name("/XObject"), name("/Form")
    form["/BBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 104, 40)))
    field["/AP"] = generic.DictionaryObject({name("/N"): writer.add_object(form)})
    writer.update_container(field)


def swap_to_unicode(writer):
    fonts = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    font = next(iter(fonts.values()))
    fresh = generic.StreamObject(stream_data=b"/CIDInit /ProcSet findresource begin end")
    font.get_object()["/ToUnicode"] = writer.add_object(fresh)
    writer.update_container(font.get_object())


def remove_page(writer):
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject(list(pages["/Kids"])[:1])
    pages["/Count"] = generic.NumberObject(1)
    writer.update_container(pages)


def add_script(writer):
    script = {name("/S"): name("/JavaScript"), name("/JS"): generic.pdf_string("app.alert(1)")}
    writer.root["/OpenAction"] = generic.DictionaryObject(script)
    writer.update_root()


def hide_signatures(writer):
    page = writer.find_page_for_modification(0)[0].get_object()
    last = writer.root["/Pages"]["/Kids"][-1].get_object()
    for target in (page, last):
        target["/Annots"] = generic.ArrayObject()
        writer.update_container(target)


def rename(writer):
    writer.root["/Metadata"] = writer.add_object(generic.StreamObject(stream_data=b"<x/>"))
    writer.update_root()


CHANGES = [
    replace_page, overlay, swap_attachment, swap_appearance, swap_to_unicode, remove_page,
    add_script, hide_signatures, rename,
]  # fmt: skip


def cut(pdf, revisions_back):
    ends = [match.end() for match in re.finditer(rb"%%EOF\r?\n?", pdf)]
    return pdf[: ends[-1 - revisions_back]]


def test_a_sealed_agreement_passes(sealed, desk):
    findings = verify_pdf(sealed, [desk.authority.root_pem()])
    assert all(finding.ok for finding in findings), failures(sealed, desk)
    assert any(chain.digest(sealed) in finding.text_zh for finding in findings)


def test_without_a_trust_list_the_report_says_so(sealed, desk):
    findings = verify_pdf(sealed)
    assert all(finding.ok for finding in findings)
    (trust,) = [finding for finding in findings if finding.item == "trust"]
    assert "issuer not in the trusted list" in trust.text_en
    assert desk.authority.fingerprint in trust.text_en


def test_it_works_inside_a_running_event_loop(sealed, desk):
    async def checked():
        return verify_pdf(sealed, [desk.authority.root_pem()])

    assert all(finding.ok for finding in asyncio.run(checked()))


@pytest.mark.parametrize("change", CHANGES)
def test_a_later_revision_is_found(sealed, desk, change):
    attacked = update(sealed, change)
    assert any("after" in text.lower() or "whole" in text for _, text in failures(attacked, desk))


@pytest.mark.parametrize("change", CHANGES[:-1])
def test_a_change_between_signatures_is_found(revisions, desk, change):
    """The attacker holds the keys for what follows, as a dishonest platform would."""
    attacked = update(revisions[2], change)
    assert (
        "party-1",
        "After “party-1 王䶮” had signed, the file was changed in a way that is not allowed.",
    ) in failures(attacked, desk)


def test_rollback_to_before_the_seal_names_what_is_missing(revisions, desk):
    items = {item for item, _ in failures(revisions[-2], desk)}
    assert {"seal", "timestamp"} <= items


def test_dropping_only_the_last_time_stamp_is_found(sealed, desk):
    items = {item for item, _ in failures(cut(sealed, 1), desk)}
    assert items == {"timestamp"}


@pytest.mark.parametrize("tail", [b"\n", b"x", b"%%EOF\n", b"\x00" * 100])
def test_trailing_bytes_are_found(sealed, desk, tail):
    assert failures(sealed + tail, desk)


def test_single_flipped_bytes_are_found(sealed, desk):
    chance = random.Random(7)
    signed = sealed.rindex(b"/ByteRange")
    for _ in range(8):
        at = chance.randrange(20, signed - 40_000)
        flipped = bytearray(sealed)
        flipped[at] ^= 1 << chance.randrange(8)
        assert failures(bytes(flipped), desk), at


def test_a_shortened_byte_range_is_found(sealed, desk):
    match = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", sealed)
    shorter = str(int(match.group(4)) - 10).encode().rjust(len(match.group(4)), b"0")
    attacked = sealed[: match.start(4)] + shorter + sealed[match.end(4) :]
    assert failures(attacked, desk)


def test_another_installation_with_the_same_names_is_not_trusted(desk, cache, tmp_path):
    stranger = Desk(Authority.load(tmp_path, ORGANISATION), desk.fonts)
    forged = sign_all(stranger, make_data(), cache)[-1]
    said = failures(forged, desk)
    assert {item for item, text in said if "not issued under" in text} == {
        "platform", "party-1", "party-2", "mediator", "seal", "timestamp"
    }  # fmt: skip


def test_a_signature_by_somebody_else_is_named(desk, cache):
    data = make_data()
    pdf = prepare(desk, render(data, cache), NOW)
    for field, who in [*fields_of(data)[:1], ("party-2", "王冒名"), ("mediator", "陈晓岚")]:
        pdf = sign(desk, pdf, Act(field, who, "ab" * 32, make_strokes(), NOW))
    said = failures(seal(desk, pdf, NOW + timedelta(minutes=1)), desk)
    assert {item for item, _ in said} == {"party-2"}
    assert "王冒名" in next(iter(said))[1]


def test_data_that_do_not_match_the_printed_digest_are_found(desk, cache):
    """A dishonest platform prints one thing and embeds another before it certifies."""
    data, out = make_data(), io.BytesIO()
    lie = chain.canonical(data_to_json(replace(data, cause="买卖合同纠纷")))
    with pikepdf.open(io.BytesIO(render(data, cache))) as paper:
        paper.Root.Names.EmbeddedFiles.Names[1].EF.F.write(lie)
        paper.save(out)
    said = failures(signed_on(desk, out.getvalue(), data)[-1], desk)
    assert {item for item, _ in said} == {"agreement.json", "rebuild"}


def test_pages_that_say_more_than_the_data_are_found(desk, cache):
    """A dishonest platform prints the right digest beside a changed clause."""
    data, out = make_data(), io.BytesIO()
    with pikepdf.open(io.BytesIO(render(data, cache))) as paper:
        content = paper.pages[0].Contents
        content.write(content.read_bytes() + b"\nq 0 0 0 rg 90 400 100 2 re f Q")
        paper.save(out)
    said = failures(signed_on(desk, out.getvalue(), data)[-1], desk)
    assert {item for item, _ in said} == {"rebuild"}


def test_a_signature_too_many_is_named(sealed, desk):
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    pen = PdfSigner(
        PdfSignatureMetadata(field_name="guest", md_algorithm="sha256"),
        desk.authority.platform_signer(),
        timestamper=desk.authority.timestamper(NOW + timedelta(hours=1)),
        new_field_spec=SigFieldSpec("guest"),
    )
    out = io.BytesIO()
    pen.sign_pdf(writer, output=out)
    assert "guest" in {item for item, _ in failures(out.getvalue(), desk)}


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\n" + b"\x00" * 5000]
)
def test_what_is_no_agreement_is_said_plainly(data, desk):
    (finding,) = verify_pdf(data, [desk.authority.root_pem()])
    assert not finding.ok
    assert "PDF" in finding.text_zh


def test_an_unsigned_paper_lacks_every_signature(cache, desk):
    items = {item for item, _ in failures(render(make_data(), cache), desk)}
    assert {"platform", "party-1", "party-2", "mediator", "seal", "timestamp"} <= items


def signed_freely(desk, pdf, signer, reason):
    """A signature in party-1 past our own pen: what somebody with a key of the house could do."""
    pen = PdfSigner(
        PdfSignatureMetadata(
            field_name="party-1",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=reason,
        ),
        signer,
        timestamper=desk.authority.timestamper(NOW),
    )
    out = io.BytesIO()
    pen.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), existing_fields_only=True, output=out)
    return out.getvalue()


def test_an_expired_event_certificate_is_found(desk, revisions):
    signer = desk.authority.event_signer("王䶮", "ab" * 32, NOW - timedelta(days=3))
    pdf = signed_freely(desk, revisions[0], signer, "evidence sha256:" + "ab" * 32)
    assert any(item == "party-1" and "not issued" in text for item, text in failures(pdf, desk))


def test_evidence_that_is_not_the_certificates_is_found(desk, revisions):
    signer = desk.authority.event_signer("王䶮", "ab" * 32, NOW)
    pdf = signed_freely(desk, revisions[0], signer, "evidence sha256:" + "cd" * 32)
    assert any(item == "party-1" and "evidence" in text for item, text in failures(pdf, desk))


def test_a_standing_certificate_cannot_sign_for_a_person(desk, revisions):
    pdf = signed_freely(desk, revisions[0], desk.authority.platform_signer(), "")
    said = {text for item, text in failures(pdf, desk) if item == "party-1"}
    assert len(said) == 2


def test_a_signature_copied_from_another_agreement_is_found(sealed, desk, cache):
    other = sign_all(desk, replace(make_data(), cause="买卖合同纠纷"), cache)[-1]
    blobs = [re.findall(rb"/Contents\s*<([0-9a-fA-F]{1000,})>", pdf) for pdf in (sealed, other)]
    size = len(blobs[0][1])
    attacked = sealed.replace(blobs[0][1], blobs[1][1].ljust(size, b"0")[:size])
    assert attacked != sealed
    assert (
        "party-1",
        "The bytes signed by “party-1 王䶮” were changed; the signature does not fit.",
    ) in failures(attacked, desk)


def test_a_foreign_time_stamp_over_a_rolled_back_file_is_found(sealed, desk, tmp_path):
    stranger = Authority.load(tmp_path, ORGANISATION)
    stamper = PdfTimeStamper(stranger.timestamper(NOW + timedelta(hours=1)))
    out = io.BytesIO()
    stamper.timestamp_pdf(
        IncrementalPdfFileWriter(io.BytesIO(cut(sealed, 1))), "sha256", output=out
    )
    said = failures(out.getvalue(), desk)
    assert any(item == "timestamp" and "not issued" in text for item, text in said)


def test_bytes_before_the_header_are_refused(sealed, desk):
    assert failures(b"x" + sealed, desk)


def test_the_seal_cannot_sign_for_a_person_of_the_same_name(desk, cache):
    data = make_data()
    party = replace(data.parties[0], name=ORGANISATION)
    data = replace(data, parties=(party, data.parties[1]))
    paper = prepare(desk, render(data, cache), NOW)
    pdf = signed_freely(desk, paper, desk.authority.seal_signer(), "")
    assert any(item == "party-1" and "names" in text for item, text in failures(pdf, desk))
