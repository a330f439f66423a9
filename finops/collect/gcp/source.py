"""Source kind ``gcp-billing``: Google Cloud's FOCUS export, or its FOCUS view, in BigQuery.

Both have FOCUS columns, ``x_ExportTime`` and ``Tags ARRAY<STRUCT<key, value, …>>``. The export only appends rows, so
the newest export time, the number of rows and their sum tell whether a month changed:
https://docs.cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/focus-export
"""

from __future__ import annotations

import re
import shutil
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.collect.gcp.bigquery import BigQuery
from finops.deferred import pyarrow as pa
from finops.errors import FinopsError, InvalidValue, Unreachable
from finops.model.money import quantise
from finops.model.period import Period, month_start
from finops.ports.clock import Clock
from finops.ports.lake import Known
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Usage, Window

_TABLE = re.compile(r"(?P<project>(?:[a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]*)\.(?P<dataset>\w+)\.(?P<table>[\w-]+)")

_AGAIN = "It is retried with the next collection"
_MONTHS = """
SELECT DATE(BillingPeriodStart) AS period, COUNT(*) AS row_count, MAX(x_ExportTime) AS exported,
       CAST(SUM(BilledCost) AS STRING) AS billed, MAX(ChargePeriodStart) AS newest
FROM `{table}` WHERE DATE(BillingPeriodStart) >= @first GROUP BY period ORDER BY period
"""
_ROWS = "SELECT * FROM `{table}` WHERE DATE(BillingPeriodStart) = @period"
_TOTALS = """
SELECT DATE(ChargePeriodStart) AS day, ServiceName AS service, BillingCurrency AS currency,
       CAST(SUM(BilledCost) AS STRING) AS amount
FROM `{table}` WHERE DATE(BillingPeriodStart) = @period GROUP BY day, service, currency
"""


class GcpBillingOptions(BaseModel):
    """A FOCUS table or view in BigQuery."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(
        description="Table or view with FOCUS columns: project.dataset.table",
        examples=["billing.gcp_billing_immutable_0A1B2C_EU.gcp_billing_export_focus_0A1B2C"],
    )
    project: str | None = Field(
        default=None, description="Project that runs the queries; default: the project of the table"
    )
    location: str | None = Field(default=None, description="Location of the dataset; default: detected by BigQuery")
    months: int = Field(default=3, ge=1, le=36, description="Months to check for changes")
    endpoint: str | None = Field(
        default=None, description="URL of a compatible server; over plain HTTP no credentials are sent"
    )
    timeout_seconds: float = Field(default=300.0, gt=0, le=3600, description="Timeout of a query")

    @field_validator("table")
    @classmethod
    def _three_parts(cls, table: str) -> str:
        if not _TABLE.fullmatch(table):
            raise InvalidValue(f"'{table}' is not a table of BigQuery", "Write it like project.dataset.table")
        return table


class GcpBilling:
    """One offer per billing month. A month is read when its newest export time, row count or sum changed."""

    kind: ClassVar[str] = "gcp-billing"
    Options: ClassVar[type[BaseModel]] = GcpBillingOptions

    def __init__(self, name: str, options: GcpBillingOptions, *, clock: Clock) -> None:
        self.name = name
        self.usage = Usage()
        self._options = options
        self._clock = clock
        found = _TABLE.fullmatch(options.table)
        assert found is not None  # noqa: S101 - the options are validated
        self._bigquery = BigQuery(
            options.project or found["project"],
            location=options.location,
            endpoint=options.endpoint,
            timeout_seconds=options.timeout_seconds,
            usage=self.usage,
            where=f"source {name} ({options.table})",
        )

    @classmethod
    def from_options(cls, name: str, options: GcpBillingOptions, *, clock: Clock) -> GcpBilling:
        return cls(name, options, clock=clock)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """One query. The newest ``months`` on the first collection and afterwards, older ones from ``window.first`` on.

        Raises what asking raises.
        """
        offers = [self._offer(row) for row in self._months(window.first)]
        offered = {offer.billing_period for offer in offers}
        first = self._first(window.first)
        gone = [Offer(month, "sha256:empty", ()) for month in known if month >= first and month not in offered]
        return Discovery(tuple(sorted([*offers, *gone], key=lambda offer: offer.billing_period)))

    def check(self) -> Sequence[Check]:
        """The query of ``discover``: credentials, permissions and the newest usage."""
        try:
            rows = self._months(None)
        except FinopsError as error:
            return [Check(self._options.table, passed=False, detail=str(error))]
        newest = max((row["newest"] for row in rows), default=None)
        reach = f"usage until {newest.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if newest else "no rows yet"
        cost = f"{self.usage.request_cost_usd:.4f} USD"
        return [Check(self._options.table, passed=True, detail=f"{reach}; this query cost about {cost}")]

    def totals(self, period: Period) -> Totals:
        """See ``finops.ports.provider_totals.ProviderTotals``."""
        rows = self._bigquery.rows(_TOTALS.format(table=self._options.table), period=period.start)
        lines = [(row["day"], row["service"], row["currency"], quantise(Decimal(row["amount"]))) for row in rows]
        return Totals(
            pl.DataFrame(lines, schema=TOTALS_SCHEMA, orient="row").sort("day", "service", "currency"),
            "BilledCost",
            f"{self._options.table}, summed by BigQuery",
            provisional=self._clock.now().date() < month_start(period.end, 1),
        )

    def _first(self, wanted: date | None) -> date:
        newest = month_start(month_start(self._clock.now().astimezone(UTC).date()), 1 - self._options.months)
        return min(newest, wanted) if wanted else newest

    def _months(self, wanted: date | None) -> list[Mapping[str, Any]]:
        return self._bigquery.rows(_MONTHS.format(table=self._options.table), first=self._first(wanted))

    def _offer(self, row: Mapping[str, Any]) -> Offer:
        month, count = row["period"], int(row["row_count"])
        told = f"{row['exported']} {count} {row['billed']}"
        rows = _Rows(self._bigquery, _ROWS.format(table=self._options.table), month, count, self._place(month))
        part = Part(self._place(month), rows.open, verify=rows.verify)
        return Offer(month, f"sha256:{sha256(told.encode()).hexdigest()}", (part,), {"rows": count})

    def _place(self, month: date) -> str:
        return f"{self._options.table} {month:%Y-%m}"


class _Rows:
    """One month's rows, spooled to a file once: memory does not grow with the bill."""

    def __init__(self, bigquery: BigQuery, sql: str, month: date, count: int, where: str) -> None:
        self._batches = partial(bigquery.batches, sql, period=month)
        self._count = count
        self._where = where
        self._file: Path | None = None
        self._read = 0

    def open(self) -> pl.LazyFrame:
        if self._file is None:
            folder = mkdtemp(prefix="finops-gcp-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._file = self._spooled(Path(folder) / "rows.parquet")
        # whoever holds the frame holds this object, and with it the file
        return pl.scan_parquet(self._file).map_batches(self._unchanged, streamable=True)

    def _unchanged(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows

    def _spooled(self, path: Path) -> Path:
        with ExitStack() as stack:
            writer: pa.parquet.ParquetWriter | None = None
            for batch in self._batches():
                writer = writer or stack.enter_context(pa.parquet.ParquetWriter(path, batch.schema))
                writer.write_batch(batch)
                self._read += batch.num_rows
        if not self._read:
            raise Unreachable("the rows were deleted while they were read", where=self._where, remedy=_AGAIN)
        return path

    def verify(self) -> Mapping[str, int]:
        if self._read != self._count:
            what = f"{self._read:,} rows came where {self._count:,} were announced: the table changed meanwhile"
            raise Unreachable(what, where=self._where, remedy=_AGAIN)
        return {}
