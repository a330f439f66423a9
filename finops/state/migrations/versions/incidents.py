"""Incidents of anomalies, from their first day until something ends them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", Text, nullable=False),
        sa.Column("policy", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("policy_digest", Text, nullable=False),
        sa.Column("group", sa.JSON, nullable=False),
        sa.Column("group_label", Text, nullable=False),
        sa.Column("owner", Text, nullable=False),
        sa.Column("alert_id", Text, nullable=False),
        sa.Column("since", Text, nullable=False),
        sa.Column("until", Text),
        sa.Column("currency", Text, nullable=False),
        sa.Column("days", sa.JSON, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("end", Text, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    for column in ("alert_id", "since", "ended_at", "end"):
        op.create_index(f"ix_incidents_{column}", "incidents", [column])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
