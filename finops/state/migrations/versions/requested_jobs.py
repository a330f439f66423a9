"""What people asked the leader to run now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requested_jobs",
        sa.Column("job", Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_requested_jobs"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
