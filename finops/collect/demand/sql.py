"""Demand series from SQL databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlglot import tokenize
from sqlglot.errors import SqlglotError

from finops.collect.csv_table import Row
from finops.collect.demand.series import DAY, VALUE, OnceADay, series_digest, series_frame
from finops.deferred import sqlalchemy as sa
from finops.documents import did_you_mean
from finops.errors import AccessDenied, BadArguments, FinopsError, InvalidValue, NotFound, RefusedBatch, Unreachable
from finops.model.secret import Secret
from finops.model.untrusted import one_line
from finops.model.wording import count_text
from finops.ports.source import Check, DemandDelivery

_URL_REMEDY = "Write it like postgresql+psycopg://user:password@host/database or sqlite:///path"
_LONGEST_WORDS = 300
_ACCESS_STATES = ("28", "42501")
"""SQLSTATE: invalid authorization; insufficient privilege. https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def parse_url(text: str, where: str, base: Path) -> sa.URL:
    """A relative SQLite path counts from ``base``. Raises ``BadArguments``, ``NotFound`` for a missing SQLite file."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        # the URL may hold a password: it is not repeated
        raise BadArguments("the secret is not a database URL", where=where, remedy=_URL_REMEDY) from None
    if url.get_backend_name() == "sqlite":
        file = base / (url.database or "")
        if not file.is_file():
            raise NotFound("the SQLite file does not exist", where=f"{where} ({file})", remedy="Check the path")
        # mode=ro: SQLite itself refuses to write, and makes no empty file where there is none
        return url.set(database=f"file:{quote(str(file))}").update_query_dict({"mode": "ro", "uri": "true"})
    return url


@contextmanager
def reading(url: sa.URL, where: str, *, timeout_seconds: float) -> Iterator[sa.Connection]:
    """A connection whose transaction is rolled back; on PostgreSQL it is also READ ONLY, in UTC, and bounded in time.

    Raises ``AccessDenied``, ``Unreachable``, ``RefusedBatch`` for what the database says, ``BadArguments`` for a
    driver that is not installed. No message holds the password.
    """
    postgresql = url.get_backend_name() == "postgresql"
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if postgresql else {}
    try:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool, execution_options=options)
        with engine.connect() as connection, connection.begin() as transaction:
            if postgresql:
                # days are UTC days, whatever zone the server thinks in
                connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(timeout_seconds * 1000)}")
            yield connection
            transaction.rollback()
    except (ModuleNotFoundError, sa.exc.NoSuchModuleError) as error:
        remedy = "Install the driver; for PostgreSQL: pip install 'finops-verdict[postgres]'"
        what = f"no driver for {url.drivername} is installed ({_first_line(error, url)})"
        raise BadArguments(what, where=where, remedy=remedy) from None
    except sa.exc.SQLAlchemyError as error:
        raise database_fault(error, where, url) from None


def database_fault(error: sa.exc.SQLAlchemyError, where: str, url: sa.URL) -> FinopsError:
    """The error for what a database says."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    state = str(getattr(cause, "sqlstate", None) or "")
    said = _first_line(cause, url)
    if state.startswith(_ACCESS_STATES) or "password authentication failed" in said:
        remedy = "Check user and password; the role needs CONNECT, and SELECT on what the query reads"
        return AccessDenied(f"the database denies access ({said})", where=where, remedy=remedy)
    if state == "57014":  # query_canceled: by our own statement_timeout
        return Unreachable(
            f"the query took too long ({said})", where=where, remedy="Make it faster, or raise timeout_seconds"
        )
    if _is_connection_fault(error, cause, state):
        return Unreachable(f"the database did not respond ({said})", where=where, remedy="Check host, port and network")
    return RefusedBatch(f"the query fails: {said}", where=where, remedy="Run it in the database; it must be read-only")


def _first_line(error: BaseException, url: sa.URL) -> str:
    """The first line of an exception, without the password of ``url``."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = one_line(" ".join(lines[0].split()), _LONGEST_WORDS)
    return text.replace(str(url.password), "***") if url.password else text


def _is_connection_fault(error: sa.exc.SQLAlchemyError, cause: BaseException, state: str) -> bool:
    """SQLSTATE classes 08 (connection), 53 (resources), 57 (operator intervention); none where nobody answered."""
    if state:
        return state.startswith(("08", "53", "57"))
    lost = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    return lost or (type(cause).__name__ == "OperationalError" and "sqlite" not in type(cause).__module__)


_READS = ("SELECT", "WITH", "VALUES", "(")
LARGEST_BYTES = 256 * 1024**2
"""Of a result: as text, and a hundred bytes a row. Demand files may have as much."""

_ROW_BYTES = 100
_FETCHED_ROWS = 1000
_REMEDY = "Write a number, or omit the row: a missing day is not zero"


class SqlDemandOptions(BaseModel):
    """The query's rows are the whole series: a correction in the database corrects the series."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Secret = Field(
        description="SQLAlchemy URL, by reference, because it contains a password", examples=[{"env": "WAREHOUSE_URL"}]
    )
    query: str = Field(
        description="Read-only query with the columns day (UTC), value[, dimension…]",
        examples=["SELECT day, sum(amount) AS value, shop FROM sales GROUP BY day, shop"],
    )
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")
    timeout_seconds: float = Field(default=300.0, gt=0, le=3600, description="Timeout of the query (PostgreSQL)")

    @field_validator("query")
    @classmethod
    def _only_reads(cls, query: str) -> str:
        try:
            tokens = tokenize(query)
        except SqlglotError:
            raise InvalidValue("the query cannot be read", "Check its quotes and comments") from None
        if not tokens or tokens[0].text.upper() not in _READS:
            raise InvalidValue("the query must be read-only", "Start it with SELECT or WITH")
        if any(token.text == ";" for token in tokens[:-1]):
            raise InvalidValue("the query has several statements", "Keep one")
        return query


class SqlDemand:
    """One demand series from one query."""

    kind: ClassVar[str] = "sql"
    Options: ClassVar[type[BaseModel]] = SqlDemandOptions

    def __init__(self, name: str, options: SqlDemandOptions, *, base: Path) -> None:
        self.name = name
        self._options = options
        self._unit = options.unit or name
        self._base = base
        self._where = f"demand {name} ({options.url})"

    @classmethod
    def from_options(cls, name: str, options: SqlDemandOptions, *, base: Path) -> SqlDemand:
        return cls(name, options, base=base)

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The whole series, or None when its content is the known one; an empty one every time.

        Raises ``RefusedBatch`` for a row that is none or a query that fails, and what connecting raises.
        """
        frame = self._read()
        digest = series_digest(frame, "sql", self._options.query, self._unit)
        return None if digest == known_digest and frame.height else DemandDelivery(frame, digest, self._unit)

    def check(self) -> Sequence[Check]:
        try:
            frame = self._read()
        except FinopsError as error:
            return [Check("query", passed=False, detail=str(error))]
        newest = f"the latest day is {frame[DAY][-1]}" if frame.height else "no day yet"
        return [Check("query", passed=True, detail=f"{count_text(frame.height, 'row')}, {newest}")]

    def _read(self) -> pl.DataFrame:
        url = parse_url(self._options.url.reveal(self._base), self._where, self._base)
        with reading(url, self._where, timeout_seconds=self._options.timeout_seconds) as connection:
            # row by row: a driver would else hold the whole result before the first is counted
            stream = connection.execution_options(stream_results=True, max_row_buffer=_FETCHED_ROWS)
            with stream.execute(sa.text(self._options.query)) as result:
                columns = _named(list(result.keys()), self._where)
                rows = _rows(result, columns, self._where)
        return series_frame(rows, [name for name in columns if name not in (DAY, VALUE)])


def _named(keys: list[str], where: str) -> list[str]:
    """The result's columns, day and value whatever their case: databases fold names in both directions."""
    names = [key.lower() if key.lower() in (DAY, VALUE) else key for key in keys]
    for needed in (DAY, VALUE):
        if needed not in names:
            remedy = did_you_mean(needed, names, otherwise=f"Name it in the query: … AS {needed}")
            raise RefusedBatch(f"the query returns no column {needed}", where=where, remedy=remedy)
    if len(set(names)) != len(names):
        raise RefusedBatch("two columns have the same name", where=where, remedy="Give each its own name with AS")
    return names


def _rows(result: Iterable[Any], columns: Sequence[str], where: str) -> list[dict[str, object]]:
    once = OnceADay()
    rows: list[dict[str, object]] = []
    size = 0
    for number, cells in enumerate(result, start=1):
        at = f"{where}, row {number}"
        texts = {name: None if cell is None else str(cell) for name, cell in zip(columns, cells, strict=True)}
        size += _ROW_BYTES + sum(len(text) for text in texts.values() if text is not None)
        if size > LARGEST_BYTES:
            what = f"the result is larger than {LARGEST_BYTES // 1024**2} MiB"
            raise RefusedBatch(what, where=at, remedy="Sum by day in the query, and use fewer dimensions")
        texts[DAY] = _day(cells[columns.index(DAY)])
        texts[VALUE] = _number(cells[columns.index(VALUE)])
        row = Row(at, texts)
        record: dict[str, object] = {**texts, DAY: row.day(DAY), VALUE: row.number(VALUE, _REMEDY)}
        once.check(record, number, at)
        rows.append(record)
    return rows


def _day(cell: object) -> str | None:
    """A time at midnight is a day; a time in the middle of one is left to be refused."""
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0):
        return cell.date().isoformat()
    return None if cell is None else str(cell)


def _number(cell: object) -> str | None:
    """What a driver gives for a number, as exact text: a double is its own shortest text."""
    if isinstance(cell, bool):
        return str(int(cell))
    return None if cell is None else str(cell)


__all__ = ["SqlDemand", "SqlDemandOptions"]
