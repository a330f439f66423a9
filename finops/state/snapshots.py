"""The last snapshot."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from finops.model.archive import StoredSnapshot
from finops.state.database import Database
from finops.state.statements import put
from finops.state.tables import snapshot


class Snapshots:
    """``finops.ports.state.SnapshotStore`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, content: bytes, at: datetime) -> None:
        with self._database.write(serial="snapshot") as connection:
            stored_at = connection.scalar(sa.select(snapshot.c.at))
            if stored_at is None or stored_at <= at:
                put(connection, snapshot, [{"id": 1, "at": at, "content": content}])

    def latest(self, *, newer_than: datetime | None = None) -> StoredSnapshot | None:
        wanted = sa.select(snapshot.c.content, snapshot.c.at)
        if newer_than is not None:
            wanted = wanted.where(snapshot.c.at > newer_than)
        with self._database.read() as connection:
            row = connection.execute(wanted).one_or_none()
        return StoredSnapshot(bytes(row.content), row.at) if row else None
