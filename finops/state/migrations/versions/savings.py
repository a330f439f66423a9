"""Claimed savings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "savings",
        sa.Column("id", Text, nullable=False),
        sa.Column("scope", Text, nullable=False),
        sa.Column("since", Text, nullable=False),
        sa.Column("demand", Text, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("note", Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("withdrawn_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_savings"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
