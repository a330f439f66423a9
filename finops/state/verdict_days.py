"""The last verdict of each policy and group on each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from finops.model.finding import Severity, State
from finops.model.verdict_day import VerdictDay
from finops.state.database import Database
from finops.state.sql import insert_all_new, put
from finops.state.tables import verdict_days


class VerdictDays:
    """``finops.ports.state.VerdictHistory`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, days: Sequence[VerdictDay]) -> None:
        with self._database.write(serial="verdict_days", leading=True) as connection:
            put(connection, verdict_days, [_to_row(day) for day in days if day.then])
            insert_all_new(connection, verdict_days, [_to_row(day) for day in days if not day.then])

    def of(self, place: str, *, since: date) -> Sequence[VerdictDay]:
        table = verdict_days.c
        chosen = sa.select(verdict_days).where(table.place == place, table.day >= since.isoformat())
        with self._database.read() as connection:
            return [_from_row(row) for row in connection.execute(chosen.order_by(table.day))]

    def on(self, day: date) -> Mapping[str, VerdictDay]:
        chosen = sa.select(verdict_days).where(verdict_days.c.day == day.isoformat())
        with self._database.read() as connection:
            return {row.place: _from_row(row) for row in connection.execute(chosen)}

    def first_days(self) -> Mapping[str, date]:
        table = verdict_days.c
        chosen = sa.select(table.place, sa.func.min(table.day).label("first")).group_by(table.place)
        with self._database.read() as connection:
            return {row.place: date.fromisoformat(row.first) for row in connection.execute(chosen)}


def _to_row(day: VerdictDay) -> dict[str, Any]:
    return {
        "place": day.place,
        "day": day.day.isoformat(),
        "as_of": day.as_of,
        "state": day.state.value,
        "severity": day.severity.value if day.severity else None,
        "measure": day.measure,
        "value": day.value,
        "limit": day.limit,
        "reason": day.reason,
        "then": day.then,
    }


def _from_row(row: Any) -> VerdictDay:
    return VerdictDay(
        place=row.place,
        day=date.fromisoformat(row.day),
        as_of=row.as_of,
        state=State(row.state),
        severity=Severity(row.severity) if row.severity else None,
        measure=row.measure,
        value=row.value,
        limit=row.limit,
        reason=row.reason,
        then=row.then,
    )
