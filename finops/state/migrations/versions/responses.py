"""What people do about alerts: acknowledgements in the alerts' records, and silences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("id", Text, nullable=False),
        sa.Column("matcher", sa.JSON, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.Column("lifted_at", Moment),
        sa.Column("lifted_by", Text, nullable=False),
        sa.Column("lifted_note", Text, nullable=False),
        sa.Column("warned_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_until", "silences", ["until"])
    _nothing_was_done_yet()


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")


def _nothing_was_done_yet() -> None:
    alerts = sa.table("alerts", sa.column("id", Text), sa.column("record", sa.JSON))
    added = {"escalated_at": None, "acknowledged": None, "silence": "", "untold": False}
    connection = op.get_bind()
    for row in connection.execute(sa.select(alerts)).all():
        connection.execute(alerts.update().where(alerts.c.id == row.id).values(record={**row.record, **added}))
