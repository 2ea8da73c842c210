"""The tables of all rooms, and the triggers that keep the audit append-only.

Revision ID: 0001
Revises:
"""

from alembic import op

from odr.migrations.first import archive, cases, ground, identity, mediation, settlement

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GENESIS = "0" * 64
SQLITE = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
       BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
       BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END""",
    f"""CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit
       WHEN NEW.seq <> COALESCE((SELECT MAX(seq) FROM audit), 0) + 1
       OR NEW.prev <> COALESCE((SELECT h FROM audit ORDER BY seq DESC LIMIT 1), '{GENESIS}')
       BEGIN SELECT RAISE(ABORT, 'an audit row continues the chain without a gap'); END""",  # noqa: S608 -- a constant
)
POSTGRESQL = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'audit rows are never changed or deleted'; END $$""",
    """CREATE FUNCTION audit_continue() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE last_seq bigint; last_h text;
       BEGIN
         SELECT seq, h INTO last_seq, last_h FROM audit ORDER BY seq DESC LIMIT 1;
         IF NEW.seq <> COALESCE(last_seq, 0) + 1 OR NEW.prev <> COALESCE(last_h, repeat('0', 64)) THEN
           RAISE EXCEPTION 'an audit row continues the chain without a gap';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
       FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit
       FOR EACH ROW EXECUTE FUNCTION audit_continue()""",
)


def upgrade() -> None:
    """Create the tables of all rooms, then the triggers of the audit."""
    for room in (ground, identity, cases, mediation, settlement, archive):
        room.create()
    dialect = op.get_bind().dialect.name
    for statement in POSTGRESQL if dialect == "postgresql" else SQLITE:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("evidence is not thrown away by a migration")
