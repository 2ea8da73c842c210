"""Who has agreed that a talk apart is recorded.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has been asked in the sessions that are there."""
    with op.batch_alter_table("mediation_session") as table:
        table.add_column(sa.Column("caucus_consent", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("evidence is not thrown away by a migration")
