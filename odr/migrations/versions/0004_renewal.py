"""How long the time stamps of sealed papers last, and the copies with fresh ones.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; the job fills it for the papers that are there."""
    op.create_table(
        "renewal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "number"),
    )
    op.create_index(op.f("ix_renewal_agreement_id"), "renewal", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_renewal_until"), "renewal", ["until"], unique=False)


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("evidence is not thrown away by a migration")
