"""What the paid requests of a source cost on a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_costs",
        sa.Column("source", Text, nullable=False),
        sa.Column("day", Text, nullable=False),
        sa.Column("cost_usd", Text, nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name="pk_request_costs"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
