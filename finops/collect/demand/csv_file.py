"""Demand kind ``csv``: a file with the columns day, value and any number of dimensions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import polars as pl
from obstore.exceptions import BaseError
from pydantic import BaseModel, ConfigDict, Field

from finops.documents import did_you_mean
from finops.errors import FinopsError, RefusedBatch
from finops.model.money import SCALE, quantise
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Check, DemandDelivery

_DAY, _VALUE = "day", "value"
_BOUND = Decimal(10) ** 23


class CsvDemandOptions(BaseModel):
    """A series in one CSV file; the file is the whole series, so a late correction is a corrected file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        description="A CSV file with the columns day, value[, dimension…]; local, s3:// or abfss://",
        examples=["./visitors.csv"],
    )
    unit: str | None = Field(default=None, description="What one of it is called; by default the series' own name")
    endpoint: str | None = Field(default=None, description="URL of a compatible object store")


class CsvDemand:
    """One demand series from one file."""

    kind: ClassVar[str] = "csv"
    Options: ClassVar[type[BaseModel]] = CsvDemandOptions

    def __init__(self, name: str, options: CsvDemandOptions, *, base: Path) -> None:
        self.name = name
        self._unit = options.unit or name
        self._path = options.path
        self._endpoint = options.endpoint
        self._base = base

    @classmethod
    def from_options(cls, name: str, options: CsvDemandOptions, *, base: Path) -> CsvDemand:
        return cls(name, options, base=base)

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The whole series, or None when the file's bytes are the known ones.

        Raises ``RefusedBatch`` with file and row, and what reading raises.
        """
        content = self._content()
        digest = f"sha256:{sha256(content).hexdigest()}"
        if digest == known_digest:
            return None
        return DemandDelivery(parse_demand(content, self._path), digest, self._unit)

    def check(self) -> Sequence[Check]:
        try:
            frame = parse_demand(self._content(), self._path)
        except FinopsError as error:
            return [Check(self._path, passed=False, detail=str(error))]
        newest = f"the newest day is {frame[_DAY][-1]}" if frame.height else "no day yet"
        return [Check(self._path, passed=True, detail=f"{frame.height} rows, {newest}")]

    def _content(self) -> bytes:
        location = Location.parse(self._path, base=self._base, endpoint=self._endpoint)
        try:
            if location.is_local:
                return location.path.read_bytes()
            folder, _, name = location.uri.rpartition("/")
            return bytes(location.at(folder).store().get(name).bytes())
        except (OSError, BaseError) as error:
            raise unreadable(error, self._path) from error


def parse_demand(content: bytes, file: str) -> pl.DataFrame:
    """``day`` (Date), ``value`` (Decimal(38, 15)), one String column a dimension; sorted by day, then dimensions.

    A blank dimension is null. Raises ``RefusedBatch`` for a day or value that is none, a row that is too short or too
    long, and a day that comes twice with the same dimensions.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedBatch(f"not UTF-8 at byte {error.start}", where=file, remedy="Save the file as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, file)
        rows = _rows(reader, header, file)
    except csv.Error as error:
        raise RefusedBatch(str(error), where=f"{file}, line {reader.line_num}", remedy="Check the quotes") from error
    dimensions = [name for name in header if name not in (_DAY, _VALUE)]
    schema = {_DAY: pl.Date(), _VALUE: pl.Decimal(38, SCALE), **dict.fromkeys(dimensions, pl.String())}
    frame = pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)
    return frame.sort([_DAY, *dimensions])


def _check_header(header: list[str], file: str) -> None:
    for needed in (_DAY, _VALUE):
        if needed not in header:
            others = [name for name in header if name]
            hint = did_you_mean(needed, others) if others else ""
            remedy = hint if hint.startswith("Did") else "The first line names the columns: day,value[,dimension…]"
            raise RefusedBatch(f"the column {needed} is missing", where=f"{file}, header", remedy=remedy)
    if len(set(header)) != len(header) or "" in header:
        raise RefusedBatch(
            "a column has no name or the name of another", where=f"{file}, header", remedy="Give each its own name"
        )


def _rows(reader: Iterable[list[str]], header: list[str], file: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    seen: dict[tuple[object, ...], int] = {}
    for number, cells in enumerate((cells for cells in reader if cells), start=1):
        where = f"{file}, row {number}"
        if len(cells) != len(header):
            what = f"{len(cells)} values for {len(header)} columns"
            raise RefusedBatch(what, where=where, remedy="Write one value for each column")
        row: dict[str, object] = {name: cell.strip() or None for name, cell in zip(header, cells, strict=True)}
        row[_DAY] = _day(row[_DAY], where)
        row[_VALUE] = _value(row[_VALUE], where)
        key = tuple(value for name, value in row.items() if name != _VALUE)
        if key in seen:
            what = f"the day {row[_DAY]} stands there twice, first in row {seen[key]}"
            raise RefusedBatch(what, where=where, remedy="Keep one row a day, or add a dimension that tells them apart")
        seen[key] = number
        rows.append(row)
    return rows


def _day(text: object, where: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        what = "the day is missing" if text is None else f"'{text}' is no day"
        raise RefusedBatch(what, where=f"{where}, column {_DAY}", remedy="Write it like 2026-03-01") from None


def _value(text: object, where: str) -> Decimal:
    remedy = "Write a number like 1250.5, or leave out the row: a missing day is not zero"
    if text is None:
        raise RefusedBatch("the value is missing", where=f"{where}, column {_VALUE}", remedy=remedy)
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= _BOUND or "_" in str(text):
        raise RefusedBatch(f"'{text}' is no number", where=f"{where}, column {_VALUE}", remedy=remedy)
    return quantise(value)
