"""The last verdict of each policy and group on each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verdict_days",
        sa.Column("place", Text, nullable=False),
        sa.Column("day", Text, nullable=False),
        sa.Column("as_of", Moment, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("severity", Text),
        sa.Column("measure", Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("limit", sa.Double),
        sa.Column("reason", Text, nullable=False),
        sa.Column("then", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("place", "day", name="pk_verdict_days"),
    )
    op.create_index("ix_verdict_days_day", "verdict_days", ["day"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
