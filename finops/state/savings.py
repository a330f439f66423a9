"""Savings that somebody has claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from finops.model.audit import AuditEntry
from finops.model.saving import SavingClaim
from finops.state.audit import write_entries
from finops.state.database import Database
from finops.state.sql import insert_new
from finops.state.tables import savings


class StoredSavings:
    """``finops.ports.savings.SavingClaims`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Sequence[SavingClaim]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(savings).order_by(savings.c.at.desc(), savings.c.id))
            return [_claim(row) for row in rows]

    def record(self, claim: SavingClaim, entry: AuditEntry) -> bool:
        with self._database.write() as connection:
            row = {name: getattr(claim, name) for name in SavingClaim.__dataclass_fields__}
            if not insert_new(connection, savings, {**row, "since": claim.since.isoformat()}):
                return False
            write_entries(connection, [entry])
            return True

    def withdraw(self, claim_id: str, entry: AuditEntry) -> None:
        with self._database.write() as connection:
            is_it = (savings.c.id == claim_id) & savings.c.withdrawn_at.is_(None)
            if connection.execute(sa.update(savings).where(is_it).values(withdrawn_at=entry.at)).rowcount:
                write_entries(connection, [entry])


def _claim(row: sa.Row[Any]) -> SavingClaim:
    return SavingClaim(
        row.id,
        row.scope,
        date.fromisoformat(row.since),
        row.demand,
        row.actor,
        row.note,
        row.at,
        row.withdrawn_at,
    )
