"""Which policies there are, and since when one is missing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_policies",
        sa.Column("name", Text, nullable=False),
        sa.Column("missing_since", Moment, nullable=True),
        sa.Column("removal_confirmed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_known_policies"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
