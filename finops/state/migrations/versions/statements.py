"""Which statement went to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statement_deliveries",
        sa.Column("order", Text, nullable=False),
        sa.Column("month", Text, nullable=False),
        sa.Column("receiver", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("answer", Text),
        sa.PrimaryKeyConstraint("order", "month", "receiver", name="pk_statement_deliveries"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
