"""The audit log: rows that are added and read, and forgotten after the audit time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from finops.model.audit import Actor, AuditAction, AuditEntry, AuditPage, Proof
from finops.state.database import Database
from finops.state.tables import audit


class Audit:
    """``finops.ports.state.AuditLog`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, entries: Sequence[AuditEntry]) -> None:
        with self._database.write() as connection:
            write_entries(connection, entries)

    def page(
        self, *, limit: int, offset: int = 0, actor: str | None = None, action: AuditAction | None = None
    ) -> AuditPage:
        conditions: list[sa.ColumnElement[bool]] = []
        if actor is not None:
            conditions.append(audit.c.actor == actor)
        if action is not None:
            conditions.append(audit.c.action == action.value)
        newest = sa.select(audit).where(*conditions).order_by(audit.c.position.desc()).limit(limit).offset(offset)
        with self._database.read() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(audit).where(*conditions))
            return AuditPage(tuple(entry_from_row(row) for row in connection.execute(newest)), total or 0)


def write_entries(connection: sa.Connection, entries: Sequence[AuditEntry]) -> None:
    """In the transaction of what they are about."""
    rows = [
        {
            "at": entry.at,
            "action": entry.action.value,
            "actor": entry.actor.name,
            "proof": entry.actor.proof.value,
            "address": entry.actor.address,
            "target": entry.target,
            "subject": entry.subject,
            "why": entry.why,
        }
        for entry in entries
    ]
    if rows:
        connection.execute(sa.insert(audit), rows)


def entry_from_row(row: sa.Row[Any]) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        action=AuditAction(row.action),
        actor=Actor(row.actor, Proof(row.proof), row.address),
        target=row.target,
        subject=row.subject,
        why=row.why,
        position=row.position,
    )
