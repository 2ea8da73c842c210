import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from odr import audit, cli_db
from odr.audit import AuditRow, Fact
from odr.db import transaction
from tests.people import NOW


def test_the_migrated_tables_are_those_of_the_models(settings):
    assert cli_db.differences(settings) == []


def test_an_upgrade_of_an_upgraded_database_keeps_its_data(database):
    with transaction() as session:
        audit.record(session, Fact("case:filed", audit.SYSTEM, NOW))
    cli_db.upgrade(database)
    found, newest = cli_db.current(database)
    assert found == newest
    with transaction() as session:
        assert audit.head(session)[0] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'case:closed' WHERE seq = 1",
        "UPDATE audit SET body = NULL",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
    ],
)
def test_nobody_changes_the_audit(database, statement):
    with transaction() as session:
        for _ in range(2):
            audit.record(session, Fact("case:filed", audit.SYSTEM, NOW))
    with pytest.raises(DBAPIError, match="audit rows are never"), transaction() as session:
        session.execute(text(statement))
    with transaction() as session:
        assert audit.head(session)[0] == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET body = NULL WHERE seq = 1",
        "UPDATE audit SET body = NULL, salt = '', actor = 'x' WHERE seq = 1",
        "UPDATE audit SET body = NULL, salt = '', h = 'x' WHERE seq = 1",
        "UPDATE audit SET body = '{}', salt = '' WHERE seq = 1",
        "UPDATE audit SET body = NULL, salt = '' WHERE seq = 2",
        "UPDATE audit_erasure SET reason = 'x'",
        "DELETE FROM audit_erasure",
    ],
)
def test_a_written_reason_lets_only_this_body_go(database, statement):
    with transaction() as session:
        rows = [audit.record(session, Fact("case:filed", audit.SYSTEM, NOW)) for _ in range(2)]
        session.add(audit.Erasure(seq=rows[0].seq, reason="x", told_by=3, at=NOW))
    with pytest.raises(DBAPIError, match="audit rows are never"), transaction() as session:
        session.execute(text(statement))
    with transaction() as session:
        session.execute(text("UPDATE audit SET body = NULL, salt = '' WHERE seq = 1"))


@pytest.mark.parametrize("broken", [{"seq": 4}, {"seq": 2}, {"prev": "1" * 64}])
def test_an_audit_row_that_leaves_a_gap_or_does_not_continue_is_refused(database, broken):
    with transaction() as session:
        row = audit.record(session, Fact("case:filed", audit.SYSTEM, NOW))
        fields = {"seq": 2, "prev": row.h, "h": "2" * 64}
        if broken.get("seq") == 2:
            broken = {"seq": 1}
        fields |= {"at": NOW, "actor": "x", "action": "y", "body": {}, "salt": "", "body_hash": ""}
    with pytest.raises(DBAPIError), transaction() as session:
        session.add(AuditRow(**{**fields, **broken}))
