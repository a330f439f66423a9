"""What lists of alerts are filtered and sorted by, as columns beside the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXTS = ("status", "severity", "policy", "group_label", "owner")


def upgrade() -> None:
    table = sa.table(
        "alerts",
        *(sa.column(name, Text) for name in ("id", "state", *_TEXTS)),
        sa.column("since", Moment),
        sa.column("record", sa.JSON),
    )
    with op.batch_alter_table("alerts") as batch:
        for name in _TEXTS:
            batch.add_column(sa.Column(name, Text))
        batch.add_column(sa.Column("since", Moment))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.state, table.c.record)).all():
        finding = row.record["finding"]
        connection.execute(
            table.update()
            .where(table.c.id == row.id)
            .values(
                status=_status(row.state, row.record),
                severity=row.record["severity"],
                policy=finding["policy"],
                group_label=",".join(f"{key}={value}" for key, value in sorted(finding["group"].items())),
                owner=finding["owner"],
                since=datetime.fromisoformat(row.record["since"]),
            )
        )
    with op.batch_alter_table("alerts") as batch:
        for name in (*_TEXTS, "since"):
            batch.alter_column(name, nullable=False)
    op.create_index(
        "ix_alerts_state_status_severity_owner_policy", "alerts", ["state", "status", "severity", "owner", "policy"]
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")


def _status(state: str, record: dict[str, Any]) -> str:
    """As ``AlertRecord.status`` had it then."""
    if state in {"firing", "pending"} and record["silence"]:
        return "silenced"
    if state != "firing":
        return state
    if record["acknowledged"]:
        return "acknowledged"
    return "escalated" if record["escalated_at"] else "firing"
