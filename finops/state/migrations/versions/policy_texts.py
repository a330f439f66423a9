"""The last valid versions of policy files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_texts",
        sa.Column("file", Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("file", name="pk_policy_texts"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
