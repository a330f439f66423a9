"""The lease of the replica that leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "leader",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("holder", Text, nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leader"),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.bulk_insert(table, [{"id": 1, "holder": "", "token": 0, "beat": 0, "locked": False}])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
