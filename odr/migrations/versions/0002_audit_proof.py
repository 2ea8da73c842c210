"""Audit bodies may be erased by law, with a reason; checkpoints vouch for the whole log.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SAME = ("seq", "case_id", "at", "actor", "action", "body_hash", "prev", "h")
WRITE_ONCE = ("audit_erasure", "audit_checkpoint")
REFUSAL = "audit rows are never changed"


def _same(distinct: str) -> str:
    return " AND ".join(f"NEW.{name} {distinct} OLD.{name}" for name in SAME)


def _erased(distinct: str, body: str) -> str:
    """The one update there is: a body leaves with its salt, its reason is written, the rest stays."""
    reason = "EXISTS (SELECT 1 FROM audit_erasure WHERE audit_erasure.seq = OLD.seq)"
    return f"NEW.body IS NULL AND NEW.salt = '' AND {body} AND {_same(distinct)} AND {reason}"


def _sqlite() -> list[str]:
    erased = _erased("IS", "OLD.body IS NOT NULL")
    return [
        "DROP TRIGGER audit_no_update",
        f"""CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit WHEN NOT ({erased})
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
        *(
            f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
            for table in WRITE_ONCE
            for verb in ("UPDATE", "DELETE")
        ),
    ]


def _postgresql() -> list[str]:
    erased = _erased("IS NOT DISTINCT FROM", "OLD.body IS NOT NULL")
    return [
        f"""CREATE FUNCTION audit_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF NOT ({erased}) THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
              RETURN NEW;
            END $$""",
        "DROP TRIGGER audit_no_change ON audit",
        """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
           FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
        """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
           FOR EACH ROW EXECUTE FUNCTION audit_erase_only()""",
        *(
            f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION audit_refuse()"""
            for table in WRITE_ONCE
        ),
        *(
            f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"""
            for table in WRITE_ONCE
        ),
    ]


def upgrade() -> None:
    """Create both tables, then let the triggers know the one lawful change."""
    op.create_table(
        "audit_erasure",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_by", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stamp", sa.LargeBinary(), nullable=False),
        sa.Column("peaks", sa.JSON(), nullable=False),
        sa.Column("milestone", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    dialect = op.get_bind().dialect.name
    for statement in _postgresql() if dialect == "postgresql" else _sqlite():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("evidence is not thrown away by a migration")
