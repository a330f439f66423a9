"""Connections and transactions on the state, with every driver's error mapped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from finops.errors import BadArguments
from finops.state.address import Address
from finops.state.faults import to_finops_error

BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another process's transaction on SQLite; transactions here take milliseconds."""

_WRITES = "finops_writes"


class Database:
    """``read`` sees one consistent moment; ``write`` commits on a normal end, all or nothing."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.is_sqlite = address.file is not None
        address.make_folder()
        # parameters of statements are bills and verdicts: they stay out of messages
        try:
            if self.is_sqlite:
                engine = sa.create_engine(
                    address.url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
                )
                _use_wal(engine)
            else:
                engine = sa.create_engine(
                    address.url,
                    hide_parameters=True,
                    pool_pre_ping=True,
                    isolation_level="READ COMMITTED",
                    connect_args={"connect_timeout": 10, "application_name": "finops"},
                )
        except ImportError as error:
            remedy = "Install the extra: pip install 'finops-verdict[postgres]'"
            raise BadArguments("psycopg is not installed", where=address.shown, remedy=remedy) from error
        self._engine = engine

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that writes nothing. On PostgreSQL it is repeatable: several selects agree with one another."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._mapped(), self._engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def write(self, *, serial: str | None = None) -> Iterator[sa.Connection]:
        """A transaction. ``serial``: only one of that name runs at a time, over all processes."""
        writer = self._engine.execution_options(**{_WRITES: True})
        with self._mapped(), writer.begin() as connection:
            if serial is not None and not self.is_sqlite:  # SQLite has one writer at a time anyway
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"finops:{serial}"))))
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
