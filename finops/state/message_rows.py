"""Messages and their notices as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from finops.model.message import Message, OutgoingNotice
from finops.model.notice import Notice
from finops.state.column_types import with_finding
from finops.state.tables import messages, notices

PENDING = "pending"
FOLDED = "folded"
"""What it told is in another message now."""


def write_message(
    connection: sa.Connection,
    message: Message,
    evaluation_id: str,
    *,
    created_at: datetime,
    due_at: datetime,
    attempts: int = 0,
) -> None:
    """A new message and its notices."""
    row = {
        "id": message.id,
        "receiver": message.receiver,
        "evaluation_id": evaluation_id,
        "reason": message.reason.value,
        "state": PENDING,
        "created_at": created_at,
        "due_at": due_at,
        "attempts": attempts,
    }
    connection.execute(messages.insert(), row)
    rows = [
        {
            "alert_id": outgoing.notice.alert_id,
            "change": outgoing.change,
            "receiver": message.receiver,
            "message_id": message.id,
            "place": place,
            "notice": with_finding(outgoing.notice.to_stored(), outgoing.notice.finding),
        }
        for place, outgoing in enumerate(message.notices)
    ]
    if rows:
        connection.execute(notices.insert(), rows)


def notices_of(connection: sa.Connection, message_ids: Sequence[str]) -> dict[str, tuple[OutgoingNotice, ...]]:
    """By message, in their order."""
    ordered = (
        sa.select(notices.c.message_id, notices.c.change, notices.c.notice)
        .where(notices.c.message_id.in_(message_ids))
        .order_by(notices.c.message_id, notices.c.place)
    )
    found: dict[str, list[OutgoingNotice]] = {message_id: [] for message_id in message_ids}
    for row in connection.execute(ordered):
        found[row.message_id].append(OutgoingNotice(row.change, Notice.from_stored(row.notice)))
    return {message_id: tuple(own) for message_id, own in found.items()}
