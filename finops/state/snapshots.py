"""The last snapshot, also of a state that somebody else runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from finops.model.archive import StoredSnapshot
from finops.state.address import Address
from finops.state.database import Database
from finops.state.sql import put
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


def latest_snapshot(url: str, *, base: Path) -> StoredSnapshot | None:
    """The newest snapshot; None where there is none, or no state yet. Raises what ``open_state`` raises."""
    address = Address.parse(url, base=base)
    if address.file is not None and not address.file.exists():
        return None
    database = Database(address)
    try:
        return Snapshots(database).latest()
    finally:
        database.close()
