"""What a notice and an alert's record hold beside what they held: earlier news, days, warnings of an end."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("alerts", ("id",), "record", {"warned_of": None})
    _add("notices", ("alert_id", "change", "receiver"), "notice", {"earlier": [], "track": None})


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")


def _add(table: str, keys: tuple[str, ...], document: str, added: dict[str, Any]) -> None:
    columns = [sa.column(key, sa.Integer if key == "change" else Text) for key in keys]
    found = sa.table(table, *columns, sa.column(document, sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(found)).mappings().all():
        own = sa.and_(*(found.c[key] == row[key] for key in keys))
        connection.execute(found.update().where(own).values({document: {**row[document], **added}}))
