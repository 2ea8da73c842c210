import io
from pathlib import Path

import pytest
from PIL import Image

from odr import audit, chain
from odr.cases import service as cases
from odr.cases.evidence import MOST_BYTES, Upload, sniff
from odr.cases.models import Case, Evidence
from odr.db import transaction
from odr.errors import Refused, Tampered, Unavailable
from tests.people import make_case

PDF = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"


def picture(kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, kind)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.jpg", picture(), "image/jpeg"),
        ("a.JPEG", picture(), "image/jpeg"),
        ("a.png", picture("PNG"), "image/png"),
        ("a.pdf", PDF, "application/pdf"),
        ("", PDF, "application/pdf"),
    ],
)
def test_the_bytes_tell_what_it_is(name, data, expected):
    assert sniff(Upload("欠条", name, data)) == expected


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("a.jpg", b"", "cases.file-empty"),
        ("a.jpg", b"\xff\xd8" * (MOST_BYTES // 2 + 1), "cases.file-big"),
        ("a.jpg", b"<script>alert(1)</script>", "cases.file-kind"),
        ("a.gif", picture("GIF"), "cases.file-kind"),
        ("a.jpg", picture()[:300], "cases.file-broken"),
        ("a.pdf", PDF[:20], "cases.file-broken"),
        ("a.pdf", picture(), "cases.file-not-what-it-says"),
        ("a.jpg", PDF, "cases.file-not-what-it-says"),
        ("a.exe", PDF, "cases.file-not-what-it-says"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, data, key):
    with pytest.raises(Refused) as refused:
        sniff(Upload("欠条", name, data))
    assert refused.value.key == key


def test_a_picture_of_too_many_points_is_refused_before_it_is_read():
    made = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")
    with pytest.raises(Refused, match="too many pixels"):
        sniff(Upload("大图", "a.png", made.getvalue()))


def test_a_file_is_kept_byte_for_byte_with_its_hash(ctx, cast, tmp_path):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        row = cases.add_evidence(
            session, ctx, case, case.parties[0], Upload("借条", "../../借条.pdf", PDF), tmp_path
        )
        assert cases.read_evidence(ctx.vault, case, row, Path(row.path)) == PDF
        assert Path(row.path).is_relative_to(tmp_path)
        assert row.sha256 == chain.digest(PDF)
        fact = audit.of_case(session, case.id)[-1]
        assert fact.body["sha256"] == row.sha256


def test_the_same_file_twice_and_a_file_without_a_registered_party_are_refused(ctx, cast, tmp_path):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        applicant, respondent = case.parties
        upload = Upload("借条", "a.pdf", PDF)
        cases.add_evidence(session, ctx, case, applicant, upload, tmp_path)
        with pytest.raises(Refused, match="already"):
            cases.add_evidence(session, ctx, case, applicant, upload, tmp_path)
        cases.add_evidence(session, ctx, case, respondent, upload, tmp_path)
        respondent.person_id = None
        with pytest.raises(Refused, match="register"):
            cases.add_evidence(session, ctx, case, respondent, upload, tmp_path)


def test_a_closed_case_takes_nothing(ctx, cast, tmp_path):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        case.status = "CLOSED"
        with pytest.raises(Refused, match="over"):
            cases.add_evidence(
                session, ctx, case, case.parties[0], Upload("借条", "a.pdf", PDF), tmp_path
            )


class Brought:
    """A case with one picture in it."""

    def __init__(self, ctx, cast, folder):
        self.ctx, self.data = ctx, picture()
        with transaction() as session:
            case = make_case(session, ctx, cast)
            upload = Upload("欠条", "a.jpg", self.data)
            row = cases.add_evidence(session, ctx, case, case.parties[0], upload, folder)
            self.case, self.row, self.path = case.id, row.id, Path(row.path)

    def read(self, **changes):
        """What is read back when the case or the row were changed first."""
        with transaction() as session:
            case, row = session.get(Case, self.case), session.get(Evidence, self.row)
            for name, value in changes.items():
                setattr(case if name == "data_key" else row, name, value)
            return cases.read_evidence(self.ctx.vault, case, row, self.path)


@pytest.fixture
def brought(ctx, cast, tmp_path):
    return Brought(ctx, cast, tmp_path)


def test_on_disk_it_is_sealed_and_is_read_back_as_it_was(brought):
    kept = brought.path.read_bytes()
    assert brought.data not in kept
    assert b"JFIF" not in kept
    assert brought.read() == brought.data


def test_without_the_key_of_its_case_it_is_gone_from_every_backup(brought):
    with pytest.raises(Unavailable) as gone:
        brought.read(data_key=None)
    assert gone.value.key == "cases.evidence-gone"


def test_another_cases_key_does_not_open_it(brought, ctx):
    foreign = ctx.vault.new_case_key(brought.case)
    with pytest.raises(Tampered):
        brought.read(data_key=foreign)


def test_one_changed_byte_is_found(brought):
    kept = bytearray(brought.path.read_bytes())
    kept[len(kept) // 2] ^= 1
    brought.path.write_bytes(bytes(kept))
    with pytest.raises(Tampered):
        brought.read()


def test_a_file_put_in_its_place_is_not_handed_out(brought):
    brought.path.write_bytes(picture("PNG"))
    with pytest.raises(Tampered) as changed:
        brought.read()
    assert changed.value.key == "cases.evidence-changed"


def test_what_was_brought_before_files_were_sealed_is_read_as_it_is(brought):
    brought.path.write_bytes(brought.data)
    assert brought.read() == brought.data


def test_a_file_that_is_lost_is_said_to_be_lost(brought):
    brought.path.unlink()
    with pytest.raises(Unavailable):
        brought.read()
