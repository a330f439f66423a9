"""Which statement went to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from finops.model.message import DeliveryOutcome
from finops.model.statement_order import StatementDelivery
from finops.state.attempts import count_attempt
from finops.state.database import Database
from finops.state.statements import insert_all_new
from finops.state.tables import statement_deliveries

_PENDING = "pending"


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
            .where(table.c.state == _PENDING, table.c.due_at <= now)
            .order_by(table.c.receiver)
        )
        with self._database.write() as connection:
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
