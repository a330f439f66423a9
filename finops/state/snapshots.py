"""The last snapshot, also of a state that somebody else runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from finops.model.archive import StoredSnapshot
from finops.ports.clock import Clock
from finops.state.address import Address
from finops.state.database import Database
from finops.state.sql import put
from finops.state.tables import snapshot


class Snapshots:
    """``finops.ports.state.SnapshotStore`` on the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, content: bytes, at: datetime) -> None:
        with self._database.write(serial="snapshot", leading=True) as connection:
            stored_at = connection.scalar(sa.select(snapshot.c.at))
            # one of the future is of a clock that has been set back since
            if stored_at is None or stored_at <= at or stored_at > self._clock.now():
                put(connection, snapshot, [{"id": 1, "at": at, "content": content}])

    def latest(self, *, other_than: datetime | None = None) -> StoredSnapshot | None:
        return _latest(self._database, other_than)


def latest_snapshot(url: str, *, base: Path) -> StoredSnapshot | None:
    """The newest snapshot; None where there is none, or no state yet. Raises what ``open_state`` raises."""
    address = Address.parse(url, base=base)
    if address.file is not None and not address.file.exists():
        return None
    database = Database(address)
    try:
        return _latest(database)
    finally:
        database.close()


def _latest(database: Database, other_than: datetime | None = None) -> StoredSnapshot | None:
    wanted = sa.select(snapshot.c.content, snapshot.c.at)
    if other_than is not None:
        wanted = wanted.where(snapshot.c.at != other_than)
    with database.read() as connection:
        row = connection.execute(wanted).one_or_none()
    return StoredSnapshot(bytes(row.content), row.at) if row else None
