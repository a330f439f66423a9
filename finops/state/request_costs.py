"""Request costs by source and day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from finops.state.database import Database
from finops.state.sql import put
from finops.state.tables import request_costs


class BookedRequestCosts:
    """``finops.ports.request_costs.RequestCosts`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def book(self, source: str, day: date, cost_usd: Decimal, *, most_usd: Decimal) -> bool:
        with self._database.write(serial="request_costs") as connection:
            total = _spent(connection, source, day) + cost_usd
            if total > most_usd:
                return False
            put(connection, request_costs, [{"source": source, "day": day.isoformat(), "cost_usd": f"{total:f}"}])
            return True

    def spent(self, source: str, day: date) -> Decimal:
        with self._database.read() as connection:
            return _spent(connection, source, day)


def _spent(connection: sa.Connection, source: str, day: date) -> Decimal:
    found = connection.scalar(
        sa.select(request_costs.c.cost_usd).where(
            request_costs.c.source == source, request_costs.c.day == day.isoformat()
        )
    )
    return Decimal(found) if found is not None else Decimal(0)
