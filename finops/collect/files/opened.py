"""One found file as rows with FOCUS columns, whatever it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from finops.collect.aws.cur import BILLING_START, COST, cur2_names
from finops.collect.files.found import FoundFile, check_unchanged
from finops.collect.files.native import WAY_IN, Conversion, conversion
from finops.collect.formats.dialect import Dialect
from finops.collect.formats.form import dialect_in, scan
from finops.collect.formats.recognise import Format, recognise
from finops.errors import FinopsError, RefusedBatch
from finops.model.cell import plain_name
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Part

_REPORTS = (Format.CUR, Format.LEGACY_CUR)


@dataclass(slots=True)
class BillFile:
    """A file that is opened when its rows are asked for. Its dialect and bounds are looked at once."""

    found: FoundFile
    limits: InputLimits = DEFAULT_LIMITS
    _dialect: Dialect | None = field(default=None, repr=False)
    _checked: bool = field(default=False, repr=False)
    _conversion: Conversion | None = field(default=None, repr=False)
    _native: Format | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.found.name

    def format(self) -> Format:
        """By the columns. Raises what reading the header raises."""
        return recognise(self.header())

    def header(self) -> list[str]:
        """The columns as the file names them."""
        return self._read_header()[1]

    def _read_header(self) -> tuple[pl.LazyFrame, list[str]]:
        """The rows as the file has them, and their columns."""
        try:
            rows = self._scan()
            return rows, rows.collect_schema().names()
        except FinopsError:
            raise
        except (pl.exceptions.PolarsError, OSError) as error:
            raise unreadable(error, self.name) from error

    def part(self) -> Part:
        return Part(self.name, self.open, self.verify)

    def open(self) -> pl.LazyFrame:
        """FOCUS columns of any version. Raises ``RefusedBatch`` for a bill that cannot be read here."""
        check_unchanged(self.found)
        rows, columns = self._read_header()
        found = recognise(columns)
        if found in WAY_IN:
            raise RefusedBatch(
                f"it has the columns of {found.value}, not of FOCUS", where=self.name, remedy=WAY_IN[found]
            )
        if (one := conversion(found, self.name, rows)) is not None:
            self._conversion, self._native = one, found
            return one.rows
        return rows

    def dated(self) -> Part:
        """The part to find billing periods in: of a Cost and Usage Report, which takes long to convert, one column."""
        return Part(self.name, self._billing_starts, self.verify) if self.format() in _REPORTS else self.part()

    def _billing_starts(self) -> pl.LazyFrame:
        return cur2_names(self._read_header()[0]).select(pl.col(BILLING_START).alias("BillingPeriodStart"))

    def amounts(self) -> pl.LazyFrame | None:
        """What each row costs as one column ``amount`` of text or numbers, unconverted and so quick to read. None where
        no column of the file says it."""
        rows, columns = self._read_header()
        match recognise(columns):
            case Format.CUR | Format.LEGACY_CUR:
                rows, name = cur2_names(rows), COST
            case Format.COST_AND_USAGE:
                name = next((name for name in columns if plain_name(name).casefold() == "billedcost"), "")
            case _:
                name = ""
        return rows.select(pl.col(name).alias("amount")) if name else None

    def verify(self) -> Mapping[str, int]:
        """What was repaired before any row was looked at."""
        repairs = dict(self._dialect.repairs()) if self._dialect is not None else {}
        if self._conversion is None or self._native is None:
            return repairs
        if self._native is not Format.COST_AND_USAGE:
            repairs[f"file: {self._native.value} converted to FOCUS"] = 1
        return {**repairs, **self._conversion.repairs()}

    def _scan(self) -> pl.LazyFrame:
        if self._dialect is None:
            self._dialect = dialect_in(self.found.location, self.found.form, shown_as=self.name)
        rows = scan(
            self.found.location,
            self.found.form,
            self._dialect,
            shown_as=self.name,
            limits=self.limits,
            checked=self._checked,
        )
        self._checked = True
        return rows
