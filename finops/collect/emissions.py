"""Where emissions come from."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from finops.collect.csv_table import Row, read_table
from finops.errors import FinopsError
from finops.model.mass import GRAMS
from finops.model.money import EXACT, quantise
from finops.model.period import month_start
from finops.model.wording import count_text
from finops.objectstore.content import content_of
from finops.objectstore.location import Location
from finops.ports.emissions import EMISSION_LABELS, EMISSIONS_SCHEMA, EmissionsDelivery
from finops.ports.source import Check

_MONTH, _START, _END, _EMISSIONS = "month", "start", "end", "emissions"
_MONTH_TEXT = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])")
_REMEDY = "Write a number like 12.5, or omit the row: a missing month is not zero"


class CsvEmissionsOptions(BaseModel):
    """Emissions in one CSV file; the file is the whole history, so a correction is a corrected file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        description="A CSV file: month,emissions or start,end,emissions, then FOCUS labels (SubAccountId …)"
        " and tags; local, s3://, gs:// or abfss://",
        examples=["./emissions.csv"],
    )
    unit: Literal["g", "kg", "t"] = Field(default="kg", description="Unit of the column emissions (CO2e)")
    provider: str | None = Field(default=None, description="ServiceProviderName of rows without one")
    endpoint: str | None = Field(default=None, description="URL of a compatible object store")


class CsvEmissions:
    """One provider's emissions from one file."""

    kind: ClassVar[str] = "csv"
    Options: ClassVar[type[BaseModel]] = CsvEmissionsOptions

    def __init__(self, name: str, options: CsvEmissionsOptions, *, base: Path) -> None:
        self.name = name
        self._options = options
        self._base = base

    @classmethod
    def from_options(cls, name: str, options: CsvEmissionsOptions, *, base: Path) -> CsvEmissions:
        return cls(name, options, base=base)

    def read(self, known_digest: str | None) -> EmissionsDelivery | None:
        """All rows, or None when the file and the options that read it are the known ones; an empty file every time.

        Raises ``RefusedBatch`` with file, row and column, and what reading raises.
        """
        content = self._content()
        digest = f"sha256:{sha256(content + self._options.model_dump_json().encode()).hexdigest()}"
        frame = self._parsed(content)
        return None if digest == known_digest and frame.height else EmissionsDelivery(frame, digest)

    def check(self) -> Sequence[Check]:
        path = self._options.path
        try:
            frame = self._parsed(self._content())
        except FinopsError as error:
            return [Check(path, passed=False, detail=str(error))]
        newest = frame["end"].max()
        reach = f"through {newest - timedelta(days=1)}" if isinstance(newest, date) else "no day yet"
        return [Check(path, passed=True, detail=f"{count_text(frame.height, 'row')}, {reach}")]

    def _content(self) -> bytes:
        path = self._options.path
        return content_of(Location.parse(path, base=self._base, endpoint=self._options.endpoint), shown_as=path)

    def _parsed(self, content: bytes) -> pl.DataFrame:
        """The rows with ``EMISSIONS_SCHEMA``. A column that is no FOCUS label is a tag."""
        file = self._options.path
        first_line = content.partition(b"\n")[0].decode("utf-8-sig", errors="replace")
        by_month = _MONTH in [name.strip() for name in first_line.split(",")]
        span = (_MONTH,) if by_month else (_START, _END)
        header, rows = read_table(content, file, needed=(*span, _EMISSIONS))
        tags = [name for name in header if name not in (*span, _EMISSIONS, *EMISSION_LABELS)]
        records = [self._record(row, tags, by_month=by_month) for row in rows]
        return pl.DataFrame(records, schema=EMISSIONS_SCHEMA, orient="row")

    def _record(self, row: Row, tags: list[str], *, by_month: bool) -> tuple[object, ...]:
        start, end = _month(row) if by_month else (row.day(_START), row.day(_END))
        if end <= start:
            raise row.fault(_END, f"{end} is not after {start}", "The end is exclusive")
        grams = quantise(EXACT.multiply(row.number(_EMISSIONS, _REMEDY), GRAMS[self._options.unit]))
        labels = {name: row.cells.get(name) for name in EMISSION_LABELS}
        labels["ServiceProviderName"] = labels["ServiceProviderName"] or self._options.provider
        named = {name: row.cells[name] for name in sorted(tags) if row.cells[name] is not None}
        text = json.dumps(named, ensure_ascii=False, separators=(",", ":")) if named else None
        return (start, end, grams, *labels.values(), text)


def _month(row: Row) -> tuple[date, date]:
    text = row.cells[_MONTH]
    found = _MONTH_TEXT.fullmatch(text or "")
    if found is None:
        what = "the month is missing" if text is None else f"'{text}' is not a valid month"
        raise row.fault(_MONTH, what, "Write it like 2026-03")
    start = date(int(found["year"]), int(found["month"]), 1)
    return start, month_start(start, 1)


__all__ = ["CsvEmissions", "CsvEmissionsOptions"]
