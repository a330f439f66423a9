"""Messages as people look them up: who was told, and what did the receiver answer?"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from finops.model.delivery import Delivery, DeliveryPage, DeliveryState
from finops.model.notice import NoticeReason
from finops.state.database import Database
from finops.state.tables import messages, notices


class Deliveries:
    """``finops.ports.state.DeliveryLog`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        *,
        limit: int,
        offset: int = 0,
        alert_id: str | None = None,
        receiver: str | None = None,
        state: DeliveryState | None = None,
    ) -> DeliveryPage:
        conditions: list[sa.ColumnElement[bool]] = []
        if alert_id is not None:
            conditions.append(messages.c.id.in_(sa.select(notices.c.message_id).where(notices.c.alert_id == alert_id)))
        if receiver is not None:
            conditions.append(messages.c.receiver == receiver)
        if state is not None:
            conditions.append(messages.c.state == state.value)
        newest = sa.select(messages).where(*conditions).order_by(messages.c.position.desc()).limit(limit).offset(offset)
        with self._database.read() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(messages).where(*conditions))
            rows = connection.execute(newest).all()
            told = _alerts(connection, [row.id for row in rows])
        found = tuple(
            Delivery(
                message_id=row.id,
                receiver=row.receiver,
                reason=NoticeReason(row.reason),
                state=DeliveryState(row.state),
                created_at=row.created_at,
                due_at=row.due_at,
                attempts=row.attempts,
                ended_at=row.ended_at,
                answer=row.answer or "",
                alerts=tuple(told.get(row.id, ())),
            )
            for row in rows
        )
        return DeliveryPage(found, total or 0)


def _alerts(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """Message -> the alerts that it tells of, in the message's order."""
    told: dict[str, list[str]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        chosen = notices.c.message_id.in_(ids[start : start + _AT_ONCE])
        ordered = sa.select(notices.c.message_id, notices.c.alert_id).where(chosen).order_by(notices.c.place)
        for row in connection.execute(ordered):
            told.setdefault(row.message_id, []).append(row.alert_id)
    return told


_AT_ONCE = 500
"""Ids of one statement: databases bound how many parameters it has."""
