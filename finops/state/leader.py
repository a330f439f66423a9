"""Who leads: a lock that dies with its process."""

from __future__ import annotations

import sqlite3
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from finops.ports.state import Leadership
from finops.state.address import Address
from finops.state.database import to_finops_error

_LOCK_NAME = "finops:leader"


def leadership(address: Address) -> Leadership:
    return SqliteLeadership(address) if address.file is not None else PostgresLeadership(address)


class PostgresLeadership:
    """A session's advisory lock on a connection of its own: the server frees it when that connection ends.

    Not through a pooler that shares sessions (PgBouncer's transaction mode): the lock would be the pooler's.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._engine = sa.create_engine(
            address.url,
            hide_parameters=True,
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            # a server that vanished without a word is noticed within a minute, or two leaders would deliver
            connect_args={
                "connect_timeout": 10,
                "application_name": "finops-leader",
                "keepalives_idle": 20,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "tcp_user_timeout": 30_000,
            },
        )
        self._connection: sa.Connection | None = None
        self._guard = Lock()

    def try_lead(self) -> bool:
        with self._guard:
            if self._connection is not None:
                try:
                    self._connection.execute(sa.select(1))
                except SQLAlchemyError:
                    self._drop(self._connection)  # and try for a new one at once
                else:
                    return True
            return self._take()

    def resign(self) -> None:
        with self._guard:
            if self._connection is not None:
                self._drop(self._connection)

    def _take(self) -> bool:
        try:
            connection = self._engine.connect()
            key = sa.func.hashtext(_LOCK_NAME)
            if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
                self._connection = connection
                return True
            connection.close()
        except DBAPIError as error:
            raise to_finops_error(error, self._address) from error.orig
        return False

    def _drop(self, connection: sa.Connection) -> None:
        self._connection = None
        connection.invalidate()  # closes the session, and the lock with it
        connection.close()


class SqliteLeadership:
    """An exclusive transaction on a file beside the state, held open: it ends with its process."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._path = f"{address.file}.leader"
        self._connection: sqlite3.Connection | None = None
        self._guard = Lock()

    def try_lead(self) -> bool:
        with self._guard:
            return self._connection is not None or self._take()

    def resign(self) -> None:
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _take(self) -> bool:
        connection = None
        try:
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if connection is not None:
                connection.close()
            if "locked" in str(error):
                return False
            raise to_finops_error(SQLAlchemyError(str(error)), self._address) from error
        self._connection = connection
        return True
