"""Which version and which agreement of a case counts."""

from datetime import timedelta
from uuid import uuid4

from odr.settlement import register
from odr.settlement.models import Agreement, Proposal
from odr.settlement.terms import content_hash, to_json
from tests.settlement.conftest import NOW, make_terms


def proposal(case_id, number):
    terms = make_terms()
    return Proposal(
        case_id=case_id,
        number=number,
        terms=to_json(terms),
        text_hash=content_hash(terms),
        by_person=uuid4(),
        at=NOW,
    )


def test_the_newest_version_of_this_case_counts(session):
    case, other = uuid4(), uuid4()
    session.add_all([proposal(case, 2), proposal(case, 1), proposal(other, 3)])
    assert [one.number for one in register.versions(session, case)] == [1, 2]
    assert register.current_proposal(session, case).number == 2
    assert register.current_proposal(session, uuid4()) is None


def test_a_refused_agreement_is_known_but_not_open(session):
    first = proposal(uuid4(), 1)
    session.add(first)
    session.flush()
    for day, status in enumerate((register.SEALED, register.REFUSED)):
        session.add(
            Agreement(
                case_id=first.case_id,
                proposal_id=first.id,
                number="1",
                status=status,
                data={},
                content_hash="",
                path="",
                sha256="",
                prepared_at=NOW + timedelta(days=day),
            )
        )
    assert register.agreement_of(session, first.case_id).status == register.REFUSED
    assert register.open_agreement(session, first.case_id) is None
