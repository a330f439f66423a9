"""Messages and statements as people look them up: who was told, how did it end, and what did the receiver answer?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from finops.model.delivery import Delivery, DeliveryPage, DeliveryState, ReceiverTrouble
from finops.model.message import DeliveryOutcome
from finops.model.notice import NoticeReason
from finops.model.statement_order import StatementDelivery
from finops.state.database import Database
from finops.state.sql import insert, insert_all_new
from finops.state.tables import delivery_counts, messages, notices, statement_deliveries


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

    def troubles(self) -> Sequence[ReceiverTrouble]:
        with self._database.read() as connection:
            return [*_refused(connection), *_waiting(connection)]


def _refused(connection: sa.Connection) -> list[ReceiverTrouble]:
    """Parked, with nothing delivered since. Few are parked: what was delivered is only looked up for those."""
    found = []
    for receiver, parked in _by_receiver(connection, DeliveryOutcome.PARKED.value).items():
        since = max((_last_delivered(connection, table, receiver) for table in _TABLES), default=None, key=_earliest)
        refused = [row for row in parked if row.ended_at > _earliest(since)]
        if refused:
            newest = max(refused, key=lambda row: row.ended_at)
            found.append(ReceiverTrouble(receiver, len(refused), newest.answer or "", newest.ended_at))
    return found


def _waiting(connection: sa.Connection) -> list[ReceiverTrouble]:
    """Pending after an attempt that failed."""
    found = []
    for receiver, rows in _by_receiver(connection, _PENDING).items():
        failed = [row for row in rows if row.attempts and row.answer is not None]
        if failed:
            newest, oldest = (choose(failed, key=lambda row: row.created_at) for choose in (max, min))
            again_at = min(row.due_at for row in failed)
            found.append(ReceiverTrouble(receiver, len(rows), newest.answer, oldest.created_at, again_at))
    return found


def _by_receiver(connection: sa.Connection, state: str) -> dict[str, list[sa.Row[Any]]]:
    found: dict[str, list[sa.Row[Any]]] = {}
    for table in _TABLES:
        names = ("receiver", "attempts", "answer", "created_at", "due_at", "ended_at")
        chosen = sa.select(*(table.c[name] for name in names)).where(table.c.state == state)
        for row in connection.execute(chosen):
            found.setdefault(row.receiver, []).append(row)
    return dict(sorted(found.items()))


def _last_delivered(connection: sa.Connection, table: sa.Table, receiver: str) -> datetime | None:
    delivered = (table.c.state == DeliveryOutcome.DELIVERED.value) & (table.c.receiver == receiver)
    newest = sa.select(table.c.ended_at).where(delivered).order_by(table.c.ended_at.desc()).limit(1)
    return connection.scalar(newest)


def _earliest(moment: datetime | None) -> datetime:
    return moment or datetime.min.replace(tzinfo=UTC)


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


def count_attempt(connection: sa.Connection, receiver: str, outcome: DeliveryOutcome) -> None:
    """One more, in the caller's transaction."""
    one = insert(connection, delivery_counts).values(receiver=receiver, outcome=outcome.value, count=1)
    connection.execute(
        one.on_conflict_do_update(
            index_elements=["receiver", "outcome"], set_={"count": delivery_counts.c["count"] + 1}
        )
    )


_PENDING = "pending"
_TABLES = (messages, statement_deliveries)


class StatementDeliveries:
    """``finops.ports.documents.StatementLog`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, order: str, month: date, receivers: Sequence[str], *, now: datetime) -> Sequence[StatementDelivery]:
        table, key = statement_deliveries, month.isoformat()
        new = [
            {"order": order, "month": key, "receiver": receiver, "state": _PENDING, "attempts": 0}
            | {"created_at": now, "due_at": now}
            for receiver in receivers
        ]
        waiting = (
            sa.select(table)
            .where(table.c.order == order, table.c.month == key, table.c.receiver.in_(receivers))
            .where(table.c.state == _PENDING, (table.c.due_at <= now) | (table.c.created_at > now))
            .order_by(table.c.receiver)
        )
        with self._database.write(leading=True) as connection:
            insert_all_new(connection, table, new)
            rows = connection.execute(waiting).all()
        return [StatementDelivery(order, month, row.receiver, row.attempts, row.created_at) for row in rows]

    def ended(
        self,
        delivery: StatementDelivery,
        outcome: DeliveryOutcome,
        *,
        at: datetime,
        answer: str,
        again_at: datetime | None = None,
    ) -> None:
        failed = outcome is DeliveryOutcome.FAILED
        values = {"state": _PENDING, "due_at": again_at or at} if failed else {"state": outcome.value, "ended_at": at}
        table = statement_deliveries
        own = (
            (table.c.order == delivery.order)
            & (table.c.month == delivery.month.isoformat())
            & (table.c.receiver == delivery.receiver)
        )
        with self._database.write() as connection:
            connection.execute(table.update().where(own).values(attempts=table.c.attempts + 1, answer=answer, **values))
            count_attempt(connection, delivery.receiver, outcome)
