"""Room for names and titles that are sealed; ``odr db seal`` seals those from before.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WIDENED = (
    ("person", "name", 120),
    ("party", "name", 120),
    ("evidence", "title", 200),
    ("seat", "label", 120),
    ("note", "by_label", 120),
    ("film", "label", 120),
    ("signature", "name", 120),
)


def upgrade() -> None:
    """Take the length away; SQLite never looked at it."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column, length in WIDENED:
        was = sa.String(length=length)
        op.alter_column(
            table, column, existing_type=was, type_=sa.String(), existing_nullable=False
        )


def downgrade() -> None:
    """Refused: restore a backup instead."""
    raise NotImplementedError("evidence is not thrown away by a migration")
