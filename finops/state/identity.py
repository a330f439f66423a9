"""Which database this is: an empty or another one that takes its place under a running process is not taken for it.

A state that was restored from its own backup has its identity, and is gone on with.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from finops.errors import ReplacedStore
from finops.state.address import Address
from finops.state.sql import insert_new
from finops.state.tables import keys

_NAME = "identity"
_READ = f"SELECT value FROM keys WHERE name = '{_NAME}'"  # noqa: S608 - a constant
_NO_TABLE = "42P01"
"""SQLSTATE: undefined table."""

_BYTES = 16


class Identity:
    """Learned once the tables are there; from then on every new connection has to lead to the same state."""

    def __init__(self, address: Address, engine: sa.Engine) -> None:
        self._address = address
        self._engine = engine
        self._known: bytes | None = None
        self._file: tuple[int, int] | None = None
        self._guard = threading.Lock()
        event.listen(engine, "connect", self._connected)

    def learn(self, connection: sa.Connection) -> None:
        """Makes the identity where there is none yet, in a transaction that is the only one to do so."""
        insert_new(connection, keys, {"name": _NAME, "value": secrets.token_bytes(_BYTES)})
        found = connection.execute(sa.select(keys.c.value).where(keys.c.name == _NAME)).scalar_one()
        self._file = _file(self._address.file)
        self._known = bytes(found)

    def check(self, connection: sa.Connection) -> None:
        """Raises ``ReplacedStore`` where the state was emptied, too."""
        try:
            self._compare(connection.exec_driver_sql(_READ).scalar())
        except DBAPIError as error:
            if _is_missing_table(error.orig):
                self._compare(None)
            raise

    def check_place(self) -> None:
        """Before each transaction: a connection to a file that was deleted goes on as if nothing had happened."""
        if self._file is None:
            return
        found = _file(self._address.file)
        if found == self._file:
            return
        if found is None:  # connecting would make an empty one
            raise self._replaced("it is gone")
        with self._guard:
            if found != self._file:
                self._engine.dispose()
                with self._engine.connect():
                    self._file = found

    def _connected(self, connection: DBAPIConnection, _record: object) -> None:
        if self._known is None:
            return
        try:
            self._compare_with(connection)
        except BaseException:
            connection.close()  # the pool does not know of it yet
            raise

    def _compare_with(self, connection: DBAPIConnection) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute(_READ)
            row = cursor.fetchone()
        except Exception as error:
            if _is_missing_table(error):
                row = None
            else:
                raise
        finally:
            cursor.close()
        if self._address.file is None:
            connection.rollback()
        self._compare(row[0] if row else None)

    def _compare(self, found: bytes | None) -> None:
        if found is None:
            raise self._replaced("it is empty")
        if self._known is not None and bytes(found) != self._known:
            raise self._replaced("it is another one")

    def _replaced(self, what: str) -> ReplacedStore:
        return ReplacedStore(
            f"this is not the state that this process has opened: {what}",
            where=self._address.shown,
            remedy="Bring the state back, and the process goes on. To begin with an empty one, restart it: "
            "receivers are then notified again of everything that fires",
        )


def _file(path: Path | None) -> tuple[int, int] | None:
    try:
        stat = path.stat() if path is not None else None
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino) if stat is not None else None


def _is_missing_table(error: BaseException | None) -> bool:
    return getattr(error, "sqlstate", None) == _NO_TABLE or "no such table" in str(error)
