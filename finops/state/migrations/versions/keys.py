"""Secrets of the service's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("name", Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
