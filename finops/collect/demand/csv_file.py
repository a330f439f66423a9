"""Demand kind ``csv``: a file with the columns day, value and any number of dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from finops.collect.csv_table import read_table
from finops.collect.demand.series import DAY, VALUE, OnceADay, series_frame
from finops.errors import FinopsError
from finops.model.wording import count_text
from finops.objectstore.content import content_of
from finops.objectstore.location import Location
from finops.ports.source import Check, DemandDelivery

_REMEDY = "Write a number like 1250.5, or omit the row: a missing day is not zero"


class CsvDemandOptions(BaseModel):
    """A series in one CSV file; the file is the whole series, so a late correction is a corrected file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        description="A CSV file with the columns day, value[, dimension…]; local, s3://, gs:// or abfss://",
        examples=["./visitors.csv"],
    )
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")
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
        """The whole series, or None when bytes and unit are the known ones; an empty one every time.

        Raises ``RefusedBatch`` with file and row, and what reading raises.
        """
        content = self._content()
        digest = f"sha256:{sha256(self._unit.encode() + bytes(1) + content).hexdigest()}"
        frame = parse_demand(content, self._path)
        return None if digest == known_digest and frame.height else DemandDelivery(frame, digest, self._unit)

    def check(self) -> Sequence[Check]:
        try:
            frame = parse_demand(self._content(), self._path)
        except FinopsError as error:
            return [Check(self._path, passed=False, detail=str(error))]
        newest = f"the latest day is {frame[DAY][-1]}" if frame.height else "no day yet"
        return [Check(self._path, passed=True, detail=f"{count_text(frame.height, 'row')}, {newest}")]

    def _content(self) -> bytes:
        return content_of(Location.parse(self._path, base=self._base, endpoint=self._endpoint), shown_as=self._path)


def parse_demand(content: bytes, file: str) -> pl.DataFrame:
    """``day`` (Date), ``value`` (Decimal(38, 15)), one String column a dimension; sorted by day, then dimensions.

    A blank dimension is null. Raises ``RefusedBatch`` for a day or value that is none, a row that is too short or too
    long, and a day that comes twice with the same dimensions.
    """
    header, rows = read_table(content, file, needed=(DAY, VALUE))
    once = OnceADay()
    records = []
    for number, row in enumerate(rows, start=1):
        record = {**row.cells, DAY: row.day(DAY), VALUE: row.number(VALUE, _REMEDY)}
        once.check(record, number, row.where)
        records.append(record)
    return series_frame(records, [name for name in header if name not in (DAY, VALUE)])
