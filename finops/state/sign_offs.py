"""Months that somebody has signed off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from finops.model.audit import AuditEntry
from finops.model.team import SignOff
from finops.state.audit import write_entries
from finops.state.database import Database
from finops.state.tables import sign_offs


class StoredSignOffs:
    """``finops.ports.state.SignOffs`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, month: date) -> Sequence[SignOff]:
        rows = sa.select(sign_offs).where(sign_offs.c.month == month.isoformat()).order_by(sign_offs.c.at)
        with self._database.read() as connection:
            newest = {row.team: _signed(row) for row in connection.execute(rows)}
        return [one for _, one in sorted(newest.items())]

    def record(self, signed: SignOff, entry: AuditEntry) -> None:
        with self._database.write() as connection:
            connection.execute(
                sa.insert(sign_offs),
                {
                    "team": signed.team,
                    "month": signed.month.isoformat(),
                    "at": signed.at,
                    "actor": signed.actor,
                    "note": signed.note,
                    "total": str(signed.total),
                    "currency": signed.currency,
                },
            )
            write_entries(connection, [entry])


def _signed(row: sa.Row[Any]) -> SignOff:
    month = date.fromisoformat(row.month)
    return SignOff(row.team, month, row.at, row.actor, row.note, Decimal(row.total), row.currency)
