"""The first tables of the room 'archive'; it does not follow later changes of the models."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Create them, the referred before the referring."""
    _deposit()


def _deposit() -> None:
    op.create_table(
        "deposit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("bag", sa.Text(), nullable=False),
        sa.Column("bag_hash", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index(op.f("ix_deposit_status"), "deposit", ["status"], unique=False)
