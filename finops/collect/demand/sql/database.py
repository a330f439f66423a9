"""A database that is only read: its address, its transaction, its faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from finops.errors import AccessDenied, BadArguments, FinopsError, NotFound, RefusedBatch, Unreachable
from finops.model.untrusted import one_line

_REMEDY = "Write it like postgresql+psycopg://user:password@host/database or sqlite:///path"
_LONGEST_WORDS = 300
_ACCESS_STATES = ("28", "42501")
"""SQLSTATE: invalid authorization; insufficient privilege. https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def parse_url(text: str, where: str, base: Path) -> URL:
    """A relative SQLite path counts from ``base``. Raises ``BadArguments``, ``NotFound`` for a missing SQLite file."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # the URL may hold a password: it is not repeated
        raise BadArguments("the secret holds no database URL", where=where, remedy=_REMEDY) from None
    if url.get_backend_name() == "sqlite":
        file = base / (url.database or "")
        if not file.is_file():
            raise NotFound("there is no such SQLite file", where=f"{where} ({file})", remedy="Check the path")
        # mode=ro: SQLite itself refuses to write, and makes no empty file where there is none
        return url.set(database=f"file:{quote(str(file))}").update_query_dict({"mode": "ro", "uri": "true"})
    return url


@contextmanager
def reading(url: URL, where: str, *, timeout_seconds: float) -> Iterator[Connection]:
    """A connection whose transaction is rolled back; on PostgreSQL it is also READ ONLY, in UTC, and bounded in time.

    Raises ``AccessDenied``, ``Unreachable``, ``RefusedBatch`` for what the database says, ``BadArguments`` for a
    driver that is not installed. No message holds the password.
    """
    postgresql = url.get_backend_name() == "postgresql"
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if postgresql else {}
    try:
        engine = create_engine(url, poolclass=NullPool, execution_options=options)
        with engine.connect() as connection, connection.begin() as transaction:
            if postgresql:
                # days are UTC days, whatever zone the server thinks in
                connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(timeout_seconds * 1000)}")
            yield connection
            transaction.rollback()
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        remedy = "Install the driver beside finops, for PostgreSQL: pip install 'finops-verdict[postgres]'"
        what = f"no driver for {url.drivername} is installed ({_first_line(error, url)})"
        raise BadArguments(what, where=where, remedy=remedy) from None
    except SQLAlchemyError as error:
        raise database_fault(error, where, url) from None


def database_fault(error: SQLAlchemyError, where: str, url: URL) -> FinopsError:
    """The error for what a database says."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = str(getattr(cause, "sqlstate", None) or "")
    said = _first_line(cause, url)
    if state.startswith(_ACCESS_STATES) or "password authentication failed" in said:
        remedy = "Check user and password; the role needs CONNECT, and SELECT on what the query reads"
        return AccessDenied(f"the database refuses ({said})", where=where, remedy=remedy)
    if state == "57014":  # query_canceled: by our own statement_timeout
        return Unreachable(
            f"the query took too long ({said})", where=where, remedy="Make it faster, or raise timeout_seconds"
        )
    if _is_connection_fault(error, cause, state):
        return Unreachable(f"the database did not answer ({said})", where=where, remedy="Check host, port and network")
    return RefusedBatch(f"the query fails: {said}", where=where, remedy="Try it in the database; it may only read")


def _first_line(error: BaseException, url: URL) -> str:
    """The first line of an exception, without the password of ``url``."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = one_line(" ".join(lines[0].split()), _LONGEST_WORDS)
    return text.replace(str(url.password), "***") if url.password else text


def _is_connection_fault(error: SQLAlchemyError, cause: BaseException, state: str) -> bool:
    """SQLSTATE classes 08 (connection), 53 (resources), 57 (operator intervention); none where nobody answered."""
    if state:
        return state.startswith(("08", "53", "57"))
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or (type(cause).__name__ == "OperationalError" and "sqlite" not in type(cause).__module__)
