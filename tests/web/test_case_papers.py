"""The plain papers as each of the four asks for them: hers, the other's, the desk's, nobody's."""

import pytest

from odr.cases.models import Case
from odr.db import transaction
from tests.web.desk_cast import Cast, cast, sitting

__all__ = ["cast"]

RECEIPT = "application-receipt"


@pytest.fixture(autouse=True)
def told(cast: Cast) -> None:
    """The hour is appointed, both sides have told an address."""
    sitting(cast, closed=False)
    with cast.app.app_context(), transaction() as session:
        case = session.get_one(Case, cast.case)
        for party in case.parties:
            party.address = f"瓯海区某某路{party.number}号"


def paper(cast: Cast, name: str, desk: str, kind: str):
    return cast.get(name, f"/{desk}/cases/{cast.case}/papers/{kind}.pdf")


@pytest.mark.parametrize(
    ("name", "desk"), [("applicant", "p"), ("respondent", "p"), ("mediator", "m"), ("clerk", "c")]
)
def test_who_belongs_to_the_case_reads_its_papers(cast: Cast, name: str, desk: str):
    page = cast.get(name, f"/{desk}/cases/{cast.case}").text
    assert f"/{desk}/cases/{cast.case}/papers/{RECEIPT}.pdf" in page
    for kind in (RECEIPT, f"{RECEIPT}-en"):
        found = paper(cast, name, desk, kind)
        assert (found.status_code, found.mimetype) == (200, "application/pdf")
        assert found.data.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "desk"),
    [("charlie", "p"), ("charlie", "m"), ("stranger", "m"), ("court", "c"), ("applicant", "m")],
)
def test_who_does_not_gets_what_one_gets_for_nothing(cast: Cast, name: str, desk: str):
    assert paper(cast, name, desk, RECEIPT).status_code == 404


def test_the_address_of_one_side_is_not_for_the_other(cast: Cast):
    own, other = "address-confirmation-a1", "address-confirmation-r1"
    assert paper(cast, "applicant", "p", own).status_code == 200
    assert paper(cast, "applicant", "p", other).status_code == 404
    assert paper(cast, "respondent", "p", other).status_code == 200
    assert other not in cast.get("applicant", f"/p/cases/{cast.case}").text
    assert paper(cast, "mediator", "m", own).status_code == 200


def test_who_reads_english_gets_the_paper_that_counts_as_well(cast: Cast):
    cast.client("applicant").set_cookie("lang", "en")
    page = cast.get("applicant", f"/p/cases/{cast.case}").text
    assert f"papers/{RECEIPT}.pdf" in page
    assert f"papers/{RECEIPT}-en.pdf" in page
    assert f"papers/{RECEIPT}-en.pdf" not in cast.get("respondent", f"/p/cases/{cast.case}").text


@pytest.mark.parametrize("kind", ["love-letter", "no-agreement", "judicial-confirmation"])
def test_a_paper_the_case_has_not_come_to_is_not_there(cast: Cast, kind: str):
    assert paper(cast, "mediator", "m", kind).status_code == 404
