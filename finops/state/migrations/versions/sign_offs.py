"""Months that somebody has signed off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_offs",
        sa.Column("team", Text, nullable=False),
        sa.Column("month", Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("note", Text, nullable=False),
        sa.Column("total", Text, nullable=False),
        sa.Column("currency", Text, nullable=False),
        sa.PrimaryKeyConstraint("team", "month", "at", name="pk_sign_offs"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
