"""Which seats of a session talk apart, and since when.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns; nobody talks apart in the sessions that are there."""
    with op.batch_alter_table("mediation_session") as table:
        table.add_column(sa.Column("caucus", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("caucus_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("evidence is not thrown away by a migration")
