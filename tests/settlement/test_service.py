from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from odr.audit import AuditRow
from odr.db import db, process_app, reading, transaction
from odr.errors import Refused, Tampered
from odr.settings import Settings
from odr.settlement import service
from odr.settlement.drafting import Said
from odr.settlement.models import Agreement, DueInstalment
from odr.settlement.performance import Payment, State, confirm_payment, ledger
from odr.settlement.service import Signer, SignRequest
from odr.settlement.terms import to_json
from odr.settlement.verification import verify_pdf
from tests.settlement.conftest import NOW, make_data, make_terms, raw_strokes


def signers(people):
    rows = zip(("王䶮", "李建国"), people.parties, people.persons, strict=True)
    found = [Signer(f"party-{n}", name, pid, p.id) for n, (name, pid, p) in enumerate(rows, 1)]
    return [*found, Signer("mediator", "陈晓岚", None, people.mediator.id)]


def proposed(session, people):
    return service.propose(session, people.case, to_json(make_terms()), people.mediator, NOW)


def accepted(session, people):
    proposal = proposed(session, people)
    for party in people.parties:
        service.answer(session, proposal, Said(party, "accept", proposal.text_hash), NOW)
    return proposal


@pytest.fixture
def agreement(session, people, desk, tmp_path):
    proposal = accepted(session, people)
    return service.prepare(
        session, desk.authority, make_data(), proposal, signers(people), tmp_path, NOW
    )


def request(agreement, field, person, **changes):
    values = {"strokes": raw_strokes(), "shown_hash": agreement.content_hash} | changes
    return SignRequest(field=field, person_id=person.id, consent_text="我同意", **values)


def sign(session, desk, agreement, what):
    return service.sign(session, desk.authority, agreement, what, NOW)


def test_from_proposal_to_seal(session, people, desk, agreement):
    first, second = people.persons
    sign(session, desk, agreement, request(agreement, "party-2", second))
    assert (agreement.status, agreement.effective_at) == ("signing", None)
    row = sign(session, desk, agreement, request(agreement, "party-1", first))
    assert (agreement.status, agreement.effective_at) == ("effective", NOW)
    assert row.evidence["content_hash"] == agreement.content_hash
    assert len(row.evidence["strokes"]) == 3
    assert len(session.scalars(select(DueInstalment)).all()) == 7
    sign(session, desk, agreement, request(agreement, "mediator", people.mediator))
    service.seal(session, desk.authority, agreement, NOW + timedelta(minutes=1))
    assert agreement.status == "sealed"
    pdf = Path(agreement.path).read_bytes()
    assert all(finding.ok for finding in verify_pdf(pdf, [desk.authority.root_pem()]))
    actions = [row.action for row in session.scalars(select(AuditRow).order_by(AuditRow.seq))]
    assert actions[-3:] == ["agreement:effective", "agreement:signed", "agreement:sealed"]


def test_an_edit_undoes_acceptance(session, people, desk, tmp_path):
    accepted(session, people)
    newer = proposed(session, people)
    assert newer.number == 2
    assert not service.accepted_by_all(newer, people.parties)
    with pytest.raises(Refused) as refused:
        service.prepare(session, desk.authority, make_data(), newer, signers(people), tmp_path, NOW)
    assert refused.value.key == "settlement.not-accepted"


@pytest.mark.parametrize(
    ("field", "who", "changes", "key"),
    [
        ("party-1", 0, {"shown_hash": "0" * 64}, "settlement.text-changed"),
        ("party-1", 1, {}, "settlement.not-your-field"),
        ("party-1", 0, {"strokes": []}, "settlement.empty-signature"),
        ("party-7", 0, {}, "settlement.field-unknown"),
        ("seal", 0, {}, "settlement.not-your-field"),
    ],
)
def test_signatures_that_are_refused(session, people, desk, agreement, field, who, changes, key):  # noqa: PLR0917
    with pytest.raises(Refused) as refused:
        sign(session, desk, agreement, request(agreement, field, people.persons[who], **changes))
    assert refused.value.key == key
    assert agreement.status == "signing"


def test_nobody_signs_twice_and_the_mediator_waits(session, people, desk, agreement):
    sign(session, desk, agreement, request(agreement, "party-1", people.persons[0]))
    with pytest.raises(Refused) as refused:
        sign(session, desk, agreement, request(agreement, "party-1", people.persons[0]))
    assert refused.value.key == "settlement.already-signed"
    with pytest.raises(Refused) as refused:
        sign(session, desk, agreement, request(agreement, "mediator", people.mediator))
    assert "李建国" in refused.value.sentence()
    with pytest.raises(Refused):
        service.seal(session, desk.authority, agreement, NOW)


def test_a_file_changed_on_disk_is_an_alarm(session, people, desk, agreement):
    path = Path(agreement.path)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Tampered):
        sign(session, desk, agreement, request(agreement, "party-1", people.persons[0]))


def test_a_refusal_ends_the_paper_and_allows_a_new_one(session, people, desk, agreement):
    with pytest.raises(Refused):
        proposed(session, people)
    service.refuse(session, agreement, "party-2", "再想想", NOW)
    with pytest.raises(Refused) as refused:
        sign(session, desk, agreement, request(agreement, "party-1", people.persons[0]))
    assert refused.value.key == "settlement.agreement-closed"
    assert proposed(session, people).number == 2


def test_pages_are_pictures(agreement, tmp_path):
    pages = service.render_pages(Path(agreement.path), tmp_path / "pages")
    assert [page.read_bytes()[:4] for page in pages] == [b"\x89PNG"] * len(pages)
    assert len(pages) == 2


def test_the_ledger_knows_what_is_late(session, people, desk, agreement):
    for field, person in zip(("party-1", "party-2"), people.persons, strict=True):
        sign(session, desk, agreement, request(agreement, field, person))
    case_id = people.case.id
    confirm_payment(session, case_id, Payment(1, 4_857_142, people.persons[0].id, NOW))
    confirm_payment(session, case_id, Payment(2, 100, people.persons[0].id, NOW))
    found = ledger(session, agreement, date(2027, 2, 1))
    assert [entry.state for entry in found.entries[:3]] == [
        State.PAID, State.PARTLY_LATE, State.OPEN
    ]  # fmt: skip
    assert found.overdue_fen == 4_857_142 - 100
    assert found.entries[1].days_late == 1
    assert found.next is found.entries[1]
    with pytest.raises(Refused):
        confirm_payment(session, case_id, Payment(1, 1, people.persons[0].id, NOW))
    with pytest.raises(Refused):
        confirm_payment(session, case_id, Payment(9, 1, people.persons[0].id, NOW))


def test_two_phones_signing_at_once_make_it_effective_once(people, desk, tmp_path):
    settings = Settings(data=tmp_path, database_url=f"sqlite:///{tmp_path / 'odr.sqlite3'}")
    app = process_app(settings)
    with app.app_context():
        db.create_all()
        with transaction() as session:
            made = service.prepare(
                session, desk.authority, make_data(), accepted(session, people),
                signers(people), tmp_path, NOW,
            )  # fmt: skip
            agreement_id = made.id

    def phone(number):
        with app.app_context(), transaction() as session:
            agreement = session.get(Agreement, agreement_id)
            what = request(agreement, f"party-{number + 1}", people.persons[number])
            sign(session, desk, agreement, what)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(phone, range(2)))
    with app.app_context(), reading() as session:
        agreement = session.get(Agreement, agreement_id)
        assert agreement.status == "effective"
        assert len(session.scalars(select(DueInstalment)).all()) == 7
        assert Path(agreement.path).read_bytes().count(b"/SubFilter") == 3
        db.engine.dispose()
