"""Demand kind ``sql``: a query whose rows are the series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import text
from sqlglot import tokenize
from sqlglot.errors import SqlglotError

from finops.collect.csv_table import Row
from finops.collect.demand.series import DAY, VALUE, OnceADay, series_digest, series_frame
from finops.collect.demand.sql.database import parse_url, reading
from finops.documents import did_you_mean
from finops.errors import FinopsError, InvalidValue, RefusedBatch
from finops.model.secret import Secret
from finops.model.wording import count_text
from finops.ports.source import Check, DemandDelivery

_READS = ("SELECT", "WITH", "VALUES", "(")
_REMEDY = "Give a number, or leave out the row: a missing day is not zero"


class SqlDemandOptions(BaseModel):
    """The query's rows are the whole series: a correction in the database corrects the series."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Secret = Field(
        description="A reference to an SQLAlchemy URL, as it holds a password", examples=[{"env": "WAREHOUSE_URL"}]
    )
    query: str = Field(
        description="Reads; its columns are day, value[, dimension…], its days UTC days",
        examples=["SELECT day, sum(amount) AS value, shop FROM sales GROUP BY day, shop"],
    )
    unit: str | None = Field(default=None, description="What one of it is called; by default the series' own name")
    timeout_seconds: float = Field(default=300.0, gt=0, le=3600, description="How long the query may take (PostgreSQL)")

    @field_validator("query")
    @classmethod
    def _only_reads(cls, query: str) -> str:
        try:
            tokens = tokenize(query)
        except SqlglotError:
            raise InvalidValue("the query cannot be read", "Check its quotes and comments") from None
        if not tokens or tokens[0].text.upper() not in _READS:
            raise InvalidValue("the query must only read", "Start it with SELECT or WITH")
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
        newest = f"the newest day is {frame[DAY][-1]}" if frame.height else "no day yet"
        return [Check("query", passed=True, detail=f"{count_text(frame.height, 'row')}, {newest}")]

    def _read(self) -> pl.DataFrame:
        url = parse_url(self._options.url.reveal(self._base), self._where, self._base)
        with reading(url, self._where, timeout_seconds=self._options.timeout_seconds) as connection:
            result = connection.execute(text(self._options.query))
            columns = _named(list(result.keys()), self._where)
            rows = _rows(result, columns, self._where)
        return series_frame(rows, [name for name in columns if name not in (DAY, VALUE)])


def _named(keys: list[str], where: str) -> list[str]:
    """The result's columns, day and value whatever their case: databases fold names in both directions."""
    names = [key.lower() if key.lower() in (DAY, VALUE) else key for key in keys]
    for needed in (DAY, VALUE):
        if needed not in names:
            remedy = did_you_mean(needed, names, otherwise=f"Name it in the query: … AS {needed}")
            raise RefusedBatch(f"the query gives no column {needed}", where=where, remedy=remedy)
    if len(set(names)) != len(names):
        raise RefusedBatch("two columns have one name", where=where, remedy="Name them apart by AS")
    return names


def _rows(result: Iterable[Any], columns: Sequence[str], where: str) -> list[dict[str, object]]:
    once = OnceADay()
    rows: list[dict[str, object]] = []
    for number, cells in enumerate(result, start=1):
        at = f"{where}, row {number}"
        texts = {name: None if cell is None else str(cell) for name, cell in zip(columns, cells, strict=True)}
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
