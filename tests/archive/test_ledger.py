"""Attacks on the audit log by somebody who owns the database: every one is named."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from odr import audit, chain, cli
from odr.archive import checkpoints, ledger, proof
from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.archive.ledger import Paper, Trust
from odr.archive.models import Checkpoint
from odr.archive.note import Signer
from odr.audit import AuditRow, Fact
from odr.db import reading, transaction
from tests.people import NOW


@pytest.fixture
def depot(database, authority) -> Depot:
    made = Depot(database, authority, FolderStore(database.store_path), lambda: NOW)
    write(made, 4)
    write(made, 4)
    return made


def write(depot: Depot, count: int) -> None:
    with transaction() as session:
        for number in range(count):
            audit.record(session, Fact("case:filed", audit.SYSTEM, NOW, None, {"n": number}))
        checkpoints.cut(session, depot, "routine")
    checkpoints.keep(depot)


def attack(*statements: str) -> None:
    """Whoever owns the database first throws the guards away."""
    with transaction() as session:
        unguard(session)
        for statement in statements:
            session.execute(text(statement))


def unguard(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        for table in ("audit", "audit_checkpoint"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    for name in names:
        session.execute(text(f"DROP TRIGGER {name}"))


def rehash(change: Callable[[AuditRow], None], start: int) -> None:
    """The thorough one: changes a row and computes all later links anew."""
    with transaction() as session:
        unguard(session)
        rows = session.query(AuditRow).order_by(AuditRow.seq).all()
        prev = chain.GENESIS
        for row in rows:
            if row.seq == start:
                change(row)
                row.body_hash = audit.body_hash(row.salt, row.body)
            row.prev = prev
            row.h = prev = chain.link(prev, audit.linked(row))


def trust_of(depot: Depot) -> Trust:
    root = proof.Root.from_pem(depot.authority.root_pem())
    return Trust(Signer.load(depot.settings.secrets_dir).verifier, root)


def bad(depot: Depot, *given: Paper) -> list[str]:
    """The English halves of all that does not fit."""
    with reading() as session:
        papers = [*given, *ledger.papers_of(session, depot.store)]
        findings = ledger.examine(ledger.rows_of(session), papers, trust_of(depot))
    return [f"{one.item}: {one.text.split(' / ')[1]}" for one in findings if not one.ok]


def test_an_honest_log_fits_in_every_check(depot):
    with reading() as session:
        papers = ledger.papers_of(session, depot.store)
        findings = ledger.examine(ledger.rows_of(session), papers, trust_of(depot))
    assert [one.ok for one in findings] == [True] * 5  # the chain, two rows, two kept in the store


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'person:x' WHERE seq = 3",
        "UPDATE audit SET action = 'case:closed' WHERE seq = 3",
        "UPDATE audit SET body = '{\"n\": 99}' WHERE seq = 3",
        "UPDATE audit SET salt = '00' WHERE seq = 3",
        "UPDATE audit SET at = '2026-01-01 00:00:00.000000' WHERE seq = 3",
        f"UPDATE audit SET body_hash = '{'1' * 64}' WHERE seq = 3",
    ],
)
def test_a_changed_row(depot, statement):
    attack(statement)
    assert bad(depot) == ["audit: row 3 was changed"]


def test_a_changed_row_with_its_own_hash_made_anew(depot):
    with transaction() as session:
        unguard(session)
        row = session.get(AuditRow, 3)
        row.actor = "person:x"
        row.h = chain.link(row.prev, audit.linked(row))
    assert bad(depot)[0] == "audit: row 3 was changed"


def test_reordered_rows(depot):
    attack(
        "UPDATE audit SET seq = 100 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 100",
    )
    assert bad(depot)[0] == "audit: rows were reordered from row 3 on"


def test_a_removed_row(depot):
    attack("DELETE FROM audit WHERE seq = 3")
    assert bad(depot)[0] == "audit: row 3 was removed"


def test_a_removed_row_with_the_later_ones_renumbered(depot):
    attack(
        "DELETE FROM audit WHERE seq = 3",
        *(f"UPDATE audit SET seq = {n - 1} WHERE seq = {n}" for n in range(4, 9)),
    )
    assert bad(depot)[0] == "audit: row 3 was removed"


def test_a_removed_first_row(depot):
    attack("DELETE FROM audit WHERE seq = 1")
    assert bad(depot)[0] == "audit: row 1 was removed"


def test_a_cut_tail(depot):
    attack("DELETE FROM audit WHERE seq > 6")
    assert bad(depot) == [
        "checkpoint 8: cut tail: the checkpoint counts 8 rows, the log has 6",
        "store audit-checkpoint-000000000008: cut tail: the checkpoint counts 8 rows, the log has 6",
    ]


def test_a_cut_tail_with_its_checkpoint_is_known_to_the_store(depot):
    attack("DELETE FROM audit WHERE seq > 4", "DELETE FROM audit_checkpoint WHERE size > 4")
    (only,) = bad(depot)
    assert only.startswith("store audit-checkpoint-000000000008: cut tail")


def test_a_forked_history_whose_every_link_was_made_anew(depot):
    rehash(lambda row: setattr(row, "body", {"n": 99}), 6)
    assert [line.split(": ")[:2] for line in bad(depot)] == [
        ["checkpoint 8", "forked history"],
        ["store audit-checkpoint-000000000008", "forked history"],
    ]


def test_a_forked_history_with_checkpoints_signed_anew_is_shown_by_one_party(depot):
    with reading() as session:
        kept = Paper("mine.txt", session.get(Checkpoint, 8).note)
    rehash(lambda row: setattr(row, "body", {"n": 99}), 6)
    attack("DELETE FROM audit_checkpoint")
    with transaction() as session:
        forged = checkpoints.cut(session, depot, "routine")
        other = Paper("theirs.txt", forged.note)
    empty = Depot(
        depot.settings, depot.authority, FolderStore(depot.settings.data / "new"), depot.clock
    )
    assert bad(empty) == []
    assert bad(empty, kept) == [
        "mine.txt: forked history: the first 8 rows are not those the checkpoint was signed over"
    ]
    (shown,) = ledger.forks([kept, other], trust_of(depot).verifier)
    assert "forked history: 8 rows like mine.txt" in shown.text


def test_a_wrong_signature(depot):
    attack("UPDATE audit_checkpoint SET note = replace(note, '4', '5') WHERE size = 4")
    assert len(bad(depot)) == 1
    attack("UPDATE audit_checkpoint SET note = 'gone' WHERE size = 8")
    assert bad(depot)[1] == "checkpoint 8: this is not a checkpoint of the audit log"


def test_a_checkpoint_of_a_foreign_key(depot, tmp_path):
    foreign = Signer.load(tmp_path / "foreign").sign(4, bytes(32))
    assert bad(depot, Paper("x", foreign))[0].startswith(
        "x: the checkpoint is signed by another key"
    )


def test_a_time_stamp_over_another_note(depot):
    attack(
        "UPDATE audit_checkpoint SET stamp = (SELECT b.stamp FROM audit_checkpoint b WHERE b.size = 4)"
    )
    (only,) = bad(depot)
    assert only.startswith("checkpoint 8: ")


def test_a_body_erased_without_a_reason(depot):
    attack("UPDATE audit SET body = NULL, salt = '' WHERE seq = 3")
    assert bad(depot) == ["audit: the body of row 3 was erased without a reason"]


def test_a_body_erased_by_law_fits(depot):
    with transaction() as session:
        rows = [session.get(AuditRow, 3), session.get(AuditRow, 5)]
        why = Fact(audit.ERASED, audit.SYSTEM, NOW, None, {"reason": "个人信息保护法第四十七条"})
        assert audit.erase(session, rows, why) == 2
    assert bad(depot) == []
    with reading() as session:
        assert (session.get(AuditRow, 3).body, session.get(AuditRow, 3).salt) == (None, "")
        assert session.get(AuditRow, 9).body["rows"] == [3, 5]


def test_the_command_says_it_in_lines_and_in_its_exit_code(depot, tmp_path, monkeypatch):
    monkeypatch.setenv("ODR_DATABASE_URL", depot.settings.database_url)
    monkeypatch.setenv("ODR_STORE_PATH", str(depot.settings.store_path))
    with reading() as session:
        (tmp_path / "mine.txt").write_text(session.get(Checkpoint, 8).note, "utf-8")
    command = [
        "verify",
        "--audit",
        "--data",
        str(depot.settings.data),
        "--checkpoint",
        str(tmp_path / "mine.txt"),
    ]
    command += ["--key", trust_of(depot).verifier.text]
    done = CliRunner().invoke(cli.cli, command)
    assert "mine.txt: 前 8 条与当时签名的存证（检查点）一致" in done.output
    attack("DELETE FROM audit WHERE seq > 6")
    again = CliRunner().invoke(cli.cli, command)
    assert again.exit_code == 1
    assert "BAD  mine.txt: 尾部被截断" in again.output


def test_a_log_longer_than_a_portion_is_read_to_its_end(depot, monkeypatch):
    monkeypatch.setattr(ledger, "PORTION", 3)
    assert bad(depot) == []
    attack("DELETE FROM audit WHERE seq = 7")
    assert bad(depot)[0] == "audit: row 7 was removed"
