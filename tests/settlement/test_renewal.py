import io
from datetime import UTC, datetime, timedelta

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from odr.errors import Refused, Tampered
from odr.settlement.authority import Authority
from odr.settlement.document import render
from odr.settlement.renewal import lasts_until, renew
from odr.settlement.signing import Desk
from odr.settlement.verification import verify_pdf
from tests.settlement.conftest import NOW, ORGANISATION, make_data, sign_all
from tests.settlement.test_verification import CHANGES, cut, update

LATE = datetime(2040, 9, 1, tzinfo=UTC)
END = datetime(2041, 1, 1, tzinfo=UTC)
AFTER = datetime(2045, 5, 5, tzinfo=UTC)


def bad(pdf, desk, at):
    return {
        one.item for one in verify_pdf(pdf, [desk.authority.root_pem()], None, at) if not one.ok
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory, fonts):
    """An authority of its own: one that has lived in a later year has other certificates by then."""
    return Desk(Authority.load(tmp_path_factory.mktemp("secrets"), ORGANISATION), fonts)


@pytest.fixture(scope="module")
def revisions(desk, cache):
    return sign_all(desk, make_data(), cache)


@pytest.fixture(scope="module")
def sealed(revisions):
    return revisions[-1]


@pytest.fixture(scope="module")
def renewed(sealed, desk):
    return renew(desk.authority, sealed, LATE)


def test_a_paper_lasts_as_long_as_its_stamp(sealed, desk):
    assert lasts_until(sealed) == END
    assert bad(sealed, desk, END) == set()
    assert bad(sealed, desk, END + timedelta(seconds=1)) == {"timestamp"}


def test_a_fresh_stamp_adds_bytes_and_changes_none(sealed, renewed):
    assert renewed.startswith(sealed)
    assert len(renewed) - len(sealed) < 40_000
    assert lasts_until(renewed) > LATE + timedelta(days=5000)


def test_a_renewed_paper_proves_what_the_old_one_no_longer_does(renewed, desk):
    assert bad(renewed, desk, AFTER) == set()
    said = [one.text_en for one in verify_pdf(renewed, [desk.authority.root_pem()], None, AFTER)]
    assert sum("document time stamp lasts until" in text for text in said) == 2


def test_it_can_be_renewed_again(renewed, desk):
    later = datetime(2055, 4, 1, tzinfo=UTC)
    twice = renew(desk.authority, renewed, later)
    assert twice.startswith(renewed)
    assert bad(twice, desk, later + timedelta(days=200)) == set()


def test_a_renewal_that_came_too_late_is_named(sealed, desk):
    with pytest.raises(Tampered):
        renew(desk.authority, sealed, END + timedelta(days=1))


@pytest.mark.parametrize("revisions_back", [1, 2, 3])
def test_a_renewed_paper_rolled_back_is_named(renewed, sealed, desk, revisions_back):
    attacked = cut(renewed, revisions_back)
    assert len(attacked) < len(renewed)
    assert bad(attacked, desk, AFTER)
    if len(attacked) < len(sealed):
        assert bad(attacked, desk, NOW + timedelta(days=1))


@pytest.mark.parametrize("change", CHANGES[:2])
def test_a_change_after_the_renewal_is_named(renewed, desk, change):
    assert bad(update(renewed, change), desk, AFTER)


@pytest.mark.parametrize("change", CHANGES[2:8:3])
def test_a_change_that_is_stamped_over_is_named(sealed, desk, change):
    """Who runs the stamps cannot launder a change by a fresh one."""
    changed, out = update(sealed, change), io.BytesIO()
    stamper = PdfTimeStamper(desk.authority.timestamper(LATE))
    writer = IncrementalPdfFileWriter(io.BytesIO(changed))
    stamper.timestamp_pdf(writer, "sha256", output=out)
    assert bad(out.getvalue(), desk, AFTER)
    with pytest.raises(Tampered):
        renew(desk.authority, changed, LATE)


def test_trailing_bytes_after_the_renewal_are_named(renewed, desk):
    assert bad(renewed + b"\n", desk, AFTER)


def test_a_paper_that_is_not_sealed_has_nothing_to_renew(revisions, cache, desk):
    for pdf in (render(make_data(), cache), revisions[1]):
        with pytest.raises(Refused):
            lasts_until(pdf)
        with pytest.raises(Tampered):
            renew(desk.authority, pdf, LATE)
