"""One database: connections, transactions, and what its drivers raise as our errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from finops.errors import AccessDenied, BadArguments, BrokenStore, FinopsError, Unreachable
from finops.state.address import Address
from finops.state.column_types import json_text
from finops.state.identity import Identity

_NO_LOGIN = ("28", "42501")
"""SQLSTATE classes: invalid authorisation; insufficient privilege.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_NO_LOGIN_TEXTS = ("authentication failed", "no password supplied", "permission denied", "pg_hba.conf", 'role "')
"""A refused connection has no SQLSTATE in libpq, only its text."""

_SQLITE_DENIED = ("unable to open database file", "readonly database", "disk I/O error")
_SQLITE_BROKEN = ("malformed", "not a database")


def to_finops_error(error: SQLAlchemyError, address: Address) -> FinopsError:
    """``what`` is the first line of the driver's own message: never a statement, its parameters or the password."""
    what = _first_line(error, address)
    where = address.shown
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if sqlstate.startswith(_NO_LOGIN) or any(text in what for text in _NO_LOGIN_TEXTS):
        return AccessDenied(what, where=where, remedy="Check user, password and rights on the database")
    if any(text in what for text in _SQLITE_DENIED):
        return AccessDenied(what, where=where, remedy="Make the file and its folder writable, and check the disk")
    if any(text in what for text in _SQLITE_BROKEN):
        return BrokenStore(what, where=where, remedy="Restore the file from a backup, or start with a new one")
    if isinstance(error, PoolTimeout | OperationalError | InterfaceError):
        remedy = "Check that the database runs and answers" if address.file is None else "Try again"
        return Unreachable(what, where=where, remedy=remedy)
    return BrokenStore(what, where=where, remedy="Check that nothing but finops writes this database")


def _first_line(error: SQLAlchemyError, address: Address) -> str:
    own = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    line = next((line.strip() for line in own.splitlines() if line.strip()), type(error).__name__)
    for secret in (address.url.password, address.url.query.get("password")):
        if isinstance(secret, str) and secret:
            line = line.replace(secret, "***")
    return line.rstrip(".")


BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another process's transaction on SQLite; transactions here take milliseconds."""

_WRITES = "finops_writes"


class Database:
    """``read`` sees one consistent moment; ``write`` commits on a normal end, all or nothing."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.fence: Callable[[sa.Connection], None] = lambda _connection: None
        """Raises ``NotLeading`` inside a transaction of a process that does not lead."""
        self.is_sqlite = address.file is not None
        address.make_folder()
        # parameters of statements are bills and verdicts: they stay out of messages
        try:
            if self.is_sqlite:
                engine = sa.create_engine(
                    address.url,
                    hide_parameters=True,
                    json_serializer=json_text,
                    connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
                )
                _use_wal(engine)
            else:
                engine = sa.create_engine(
                    address.url,
                    hide_parameters=True,
                    json_serializer=json_text,
                    pool_pre_ping=True,
                    isolation_level="READ COMMITTED",
                    connect_args={
                        "connect_timeout": 10,
                        "application_name": "finops",
                        "keepalives_idle": 10,
                        "keepalives_interval": 5,
                        "keepalives_count": 2,
                        "tcp_user_timeout": 15_000,
                    },
                )
                _bound_transactions(engine)
        except ImportError as error:
            remedy = "Install the extra: pip install 'finops-verdict[postgres]'"
            raise BadArguments("psycopg is not installed", where=address.shown, remedy=remedy) from error
        self._engine = engine
        self.identity = Identity(address, engine)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that writes nothing. On PostgreSQL it is repeatable: several selects agree with one another."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self.identity.check_place()
        with self._mapped(), self._engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def write(self, *, serial: str | None = None, leading: bool = False) -> Iterator[sa.Connection]:
        """A transaction. ``serial``: only one of that name runs at a time, over all processes. ``leading``: it may only
        commit while this process leads; raises ``NotLeading``."""
        writer = self._engine.execution_options(**{_WRITES: True})
        self.identity.check_place()
        with self._mapped(), writer.begin() as connection:
            if serial is not None and not self.is_sqlite:  # SQLite has one writer at a time anyway
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"finops:{serial}"))))
            if leading:
                self.fence(connection)
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise to_finops_error(error, self.address) from error.orig
        except SQLAlchemyError as error:
            raise to_finops_error(error, self.address) from None


def _bound_transactions(engine: sa.Engine) -> None:
    """A process that is stopped inside a transaction holds its locks: the server ends it, or nobody could take over."""

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SET idle_in_transaction_session_timeout = '30s'")
        cursor.close()
        connection.commit()


def _use_wal(engine: sa.Engine) -> None:
    """Readers beside one writer, and a writer that knows from its first statement that it is one.

    A transaction that began as a reader and then writes fails at once with "database is locked" when another wrote in
    between, whatever the time-out: https://www.sqlite.org/lang_transaction.html
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN comes from us alone
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # a notice that was marked as sent stays so through a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
