import base64
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from odr import audit, chain
from odr.archive import ledger, proof, retention
from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.archive.models import DeletionCertificate
from odr.archive.note import Signer
from odr.audit import AuditRow, Fact
from odr.cases import service as cases
from odr.cases.models import Case, Evidence, Party
from odr.db import reading, transaction
from odr.errors import NotFound, Refused, Tampered
from odr.identity.models import CodeAttempt
from odr.identity.service import party_phone
from odr.identity.vault import KeyGone
from tests.archive.test_own_data import PDF
from tests.people import NOW, make_case

LATER = NOW + timedelta(days=3651)


@pytest.fixture
def depot(database, authority) -> Depot:
    return Depot(database, authority, FolderStore(database.store_path), lambda: LATER)


@pytest.fixture
def case_id(depot, ctx, cast):
    """A case that was closed and archived at once; the applicant brought a paper."""
    with transaction() as session:
        case = make_case(session, ctx, cast)
        upload = cases.Upload(title="借条", filename="a.pdf", data=PDF)
        folder = depot.settings.files_dir
        cases.add_evidence(session, ctx, case, case.parties[0], upload, folder)
        case.closed_at = case.archived_at = NOW
        return case.id


def kinds(moment) -> list[str]:
    with reading() as session:
        return [one.rule.kind for one in retention.due(session, moment)]


def fact() -> Fact:
    return Fact("x", audit.SYSTEM, NOW)


def test_what_is_due_follows_the_table(case_id):
    assert kinds(NOW + timedelta(days=29)) == []
    assert kinds(NOW + timedelta(days=31)) == ["identity_picture", "local_recording"]
    assert kinds(NOW + timedelta(days=184))[-1] == "room_talk"
    assert kinds(LATER)[-1] == "case_personal"


def test_after_its_time_a_case_says_nothing_of_a_person(depot, ctx, case_id):
    with reading() as session:
        path = depot.absolute(session.scalars(select(Evidence.path)).one())
        sealed = session.scalars(select(Party.phone_cipher).where(Party.number == 2)).one()
        key = session.scalars(select(Case.data_key)).one()
    assert path.is_file()
    retention.job(depot, {})
    assert not path.exists()
    with reading() as session:
        case = session.get(Case, case_id)
        assert (case.claim, case.story, case.data_key) == ("", "", None)
        assert [party_phone(ctx, party) for party in case.parties] == ["", ""]
        assert case.parties[1].name == "林*根"
    # with a backup of all rows, half of the key among them, it is not readable either
    with pytest.raises(KeyGone):
        ctx.vault.of_case(key, case_id)
    with pytest.raises(Tampered):
        ctx.vault.open(sealed, context="phone")
    other = ctx.vault.new_case_key(case_id)
    for wrapped in (other, key):
        with pytest.raises(KeyGone):
            ctx.vault.of_case(wrapped, case_id).open(sealed, context="phone")


def test_a_backup_of_the_rows_says_nothing_once_the_key_is_gone(depot, ctx, case_id):
    with reading() as session:
        kept = session.execute(text('SELECT claim, story, data_key FROM "case"')).one()
        phone = session.execute(text("SELECT phone_cipher FROM party WHERE number = 2")).one()
        assert session.get(Case, case_id).claim
    retention.job(depot, {})
    with transaction() as session:
        back = text('UPDATE "case" SET claim = :claim, story = :story, data_key = :data_key')
        session.execute(back, kept._asdict())
        back = text("UPDATE party SET phone_cipher = :phone_cipher WHERE number = 2")
        session.execute(back, phone._asdict())
    with reading() as session:
        case = session.get(Case, case_id)
        assert (case.claim, case.story) == ("", "")
        assert party_phone(ctx, case.parties[1]) == ""


def test_what_has_lost_its_key_is_not_written_in_plain(depot, ctx, case_id):
    ctx.vault.destroy(case_id)
    with pytest.raises(KeyGone), transaction() as session:
        session.get(Case, case_id).claim = "归还借款"
    retention.job(depot, {})
    with reading() as session:
        assert session.get(Case, case_id).data_key is None


def test_the_log_still_verifies_and_tells_of_the_deletion(depot, case_id):
    retention.job(depot, {})
    with reading() as session:
        rows = audit.of_case(session, case_id)
        bodies = {row.action: row.body for row in rows}
        assert audit.first_broken(session.scalars(select(AuditRow).order_by(AuditRow.seq))) is None
    assert bodies["case:filed"] is None
    assert bodies["retention:deleted"]["kind"] == "case_personal"
    assert len(bodies["audit:erased"]["rows"]) >= 3


def test_every_deletion_has_a_certificate_that_the_organisation_signed(depot, case_id):
    retention.job(depot, {})
    retention.job(depot, {})
    root = proof.Root.from_pem(depot.authority.root_pem())
    with reading() as session:
        rows = session.scalars(select(DeletionCertificate)).all()
        assert sorted(row.kind for row in rows if row.case_id) == [
            "case_personal",
            "identity_picture",
            "local_recording",
            "room_talk",
        ]
        for row in rows:
            signature = base64.b64decode(row.signature)
            signer = proof.check_signature(chain.canonical(row.body), signature, root)
            assert signer == depot.settings.organisation
            assert row.body["law"]
            changed = chain.canonical({**row.body, "files": 99})
            with pytest.raises(Tampered):
                proof.check_signature(changed, signature, root)


@pytest.mark.parametrize(
    "statement", ["UPDATE deletion_certificate SET kind = 'x'", "DELETE FROM deletion_certificate"]
)
def test_nobody_changes_a_certificate(depot, case_id, statement):
    retention.job(depot, {})
    with pytest.raises(DBAPIError), transaction() as session:
        session.execute(text(statement))


def test_a_legal_hold_stops_every_deletion_until_it_is_lifted(depot, case_id):
    with transaction() as session:
        retention.hold(session, case_id, "再审（2027）浙03民再1号", fact())
    assert kinds(LATER) == []
    with transaction() as session:
        assert retention.lift(session, case_id, fact()) == 1
        assert retention.lift(session, case_id, fact()) == 0
    assert "case_personal" in kinds(LATER)


def test_a_hold_that_comes_in_between_wins(depot, case_id):
    with reading() as session:
        found = retention.due(session, LATER)
    with transaction() as session:
        retention.hold(session, case_id, "再审", fact())
    assert [retention.carry_out(depot, one) for one in found] == [None] * len(found)


def test_a_hold_needs_a_case_and_a_reason(case_id, depot):
    with pytest.raises(Refused), transaction() as session:
        retention.hold(session, case_id, "  ", fact())
    with pytest.raises(NotFound), transaction() as session:
        retention.hold(session, uuid4(), "x", fact())


def test_codes_are_forgotten_after_a_day(depot, ctx):
    with transaction() as session:
        session.add(
            CodeAttempt(
                phone_index="x",
                phone_cipher=b"x",
                purpose="login",
                code_mac="x",
                made_at=NOW,
                expires_at=NOW,
            )
        )
    retention.job(replace(depot, clock=lambda: NOW + timedelta(hours=23)), {})
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(CodeAttempt)) == 1
    retention.job(replace(depot, clock=lambda: NOW + timedelta(hours=25)), {})
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(CodeAttempt)) == 0
        (row,) = session.scalars(select(DeletionCertificate)).all()
        assert row.body["deleted"] == {"code_attempt": 1}


def test_a_file_outside_the_data_folder_is_never_touched(depot, case_id, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.pdf"
    outside.write_bytes(PDF)
    with transaction() as session:
        session.scalars(select(Evidence)).one().path = str(outside)
    retention.job(depot, {})
    assert outside.is_file()
    with reading() as session:
        findings = ledger.examine(ledger.rows_of(session), [], _trust(depot))
    assert [one.ok for one in findings] == [True]


def _trust(depot: Depot) -> ledger.Trust:
    return ledger.Trust(Signer.load(depot.settings.secrets_dir).verifier)
