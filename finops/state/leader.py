"""Who leads: a lease that its holder renews, and a lock that dies with its process.

The lease is one row: its holder renews it by counting ``beat`` up. Another process takes it over when it has seen the
same beat for ``LEASE_SECONDS`` of its own monotonic clock, so no two clocks need to agree; or at once when the holder
gave it up, or when the lock that the holder held is free: then that process has ended. Each change of hands counts
``token`` up. A transaction of a leader checks its token (``fence``): one that was stopped and wakes up after another
took over can change nothing. See docs/adr/0016.
"""

from __future__ import annotations

import sqlite3
import uuid
from threading import Lock
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from finops.errors import NotLeading, ReplacedStore
from finops.ports.clock import Monotonic
from finops.state.address import Address
from finops.state.database import Database, to_finops_error
from finops.state.tables import leader

LEASE_SECONDS = 15.0
"""How long a leader may be silent before another one takes over; renewed every few seconds."""

TRUST_SECONDS = 10.0
"""How long a leader trusts its own lease without renewing it: shorter, so that it stops before another one begins."""

_LOCK_NAME = "finops:leader"


class ProcessLock(Protocol):
    """A lock that is free when its holder's process has ended. It says nothing about one that is stuck."""

    def hold(self) -> bool:
        """Whether this process holds it, or takes it now. Raises ``Unreachable``."""
        ...

    def release(self) -> None: ...


class Lease:
    """``finops.ports.state.Leadership`` on the database."""

    def __init__(self, database: Database, lock: ProcessLock, monotonic: Monotonic) -> None:
        self._database = database
        self._lock = lock
        self._monotonic = monotonic
        self._holder = uuid.uuid4().hex
        self._token: int | None = None
        self._takes_part = False
        self._renewed_at = 0.0
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0
        self._guard = Lock()

    def try_lead(self) -> bool:
        with self._guard:
            self._takes_part = True
            asked_at = self._monotonic()
            try:
                with self._database.read() as connection:
                    self._database.identity.check(connection)
            except ReplacedStore:
                self._token = None
                self._lock.release()  # it may be the one of another database
                raise
            locked = self._lock.hold()
            leads = self._renew(locked) or (self._token is None and self._take_over(locked, asked_at))
            if leads:
                self._renewed_at = asked_at
            else:
                self._token = None
                self._lock.release()
            return leads

    def holds(self) -> bool:
        return self._token is not None and self._monotonic() - self._renewed_at < TRUST_SECONDS

    def resign(self) -> None:
        with self._guard:
            token, self._token = self._token, None
            try:
                if token is not None:
                    with self._database.write() as connection:
                        connection.execute(leader.update().where(leader.c.token == token).values(holder=""))
            finally:
                self._lock.release()

    def fence(self, connection: sa.Connection) -> None:
        """Raises ``NotLeading`` where this process takes part in elections and does not lead. Until the transaction
        ends, nobody can take over."""
        if not self._takes_part:
            return
        # not in the way of our own renewals, which leave the key alone
        token = connection.scalar(sa.select(leader.c.token).with_for_update(read=True, key_share=True))
        if self._token is None or token != self._token:
            raise NotLeading(
                "another replica is now the leader",
                where=self._database.address.shown,
                remedy="Nothing was written; repeat the request there",
            )

    def _renew(self, locked: bool) -> bool:
        """Whether the lease is still this process's own."""
        if self._token is None:
            return False
        mine = leader.update().where(leader.c.token == self._token, leader.c.holder == self._holder)
        renewed = mine.values(beat=leader.c.beat + 1, locked=locked).returning(leader.c.id)
        with self._database.write() as connection:
            return connection.execute(renewed).first() is not None

    def _take_over(self, locked: bool, asked_at: float) -> bool:
        with self._database.write() as connection:
            row = connection.execute(sa.select(leader).with_for_update()).one()
            ended = row.holder == "" or (locked and row.locked)
            if not ended and not self._is_silent((row.token, row.beat), asked_at):
                return False
            token = row.token + 1
            values = {"holder": self._holder, "token": token, "beat": 0, "locked": locked}
            connection.execute(leader.update().values(values))
        self._token, self._seen = token, None
        return True

    def _is_silent(self, seen: tuple[int, int], asked_at: float) -> bool:
        if seen != self._seen:
            self._seen, self._seen_at = seen, asked_at
        return asked_at - self._seen_at >= LEASE_SECONDS


def process_lock(address: Address) -> ProcessLock:
    return SqliteLock(address) if address.file is not None else PostgresLock(address)


class PostgresLock:
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
            connect_args={
                "connect_timeout": 10,
                "application_name": "finops-leader",
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 2,
                "tcp_user_timeout": 10_000,
            },
        )
        self._connection: sa.Connection | None = None

    def hold(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(sa.select(1))
            except SQLAlchemyError:
                self.release()  # and try for a new one at once
            else:
                return True
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

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # closes the session, and the lock with it
            connection.close()


class SqliteLock:
    """An exclusive transaction on a file beside the state, held open: it ends with its process."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._path = f"{address.file}.leader"
        self._connection: sqlite3.Connection | None = None

    def hold(self) -> bool:
        if self._connection is not None:
            return True
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

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
