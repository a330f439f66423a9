"""A view of rows in memory: what policy tests are evaluated over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from finops.allocate import NO_RULES, AllocatedView, MovedView, Rules
from finops.lake.tables.columns import COSTS_SCHEMA, DAILY_SCHEMA, DEMAND_SCHEMA, MONEY, frame_digest, with_columns_of
from finops.lake.tables.measure import unknown_costs
from finops.model.data_version import DataVersion
from finops.model.scopes import SCOPE_COLUMNS, scope_id
from finops.ports.allocated import Allocated, nothing_allocated
from finops.ports.emissions import EMISSION_LABELS
from finops.ports.lake import COSTS, Divisible, Marks, Piece
from finops.ports.lake_faults import NO_FAULTS, LakeFaults
from finops.ports.records import COMMITMENTS_SCHEMA, INVOICES_SCHEMA

_EMISSIONS = pl.Schema({"source": pl.String(), "day": pl.Date(), "grams": MONEY})


@dataclass(frozen=True)
class InMemoryLakeView:
    """See ``finops.ports.lake.LakeView``; the real one and this pass the same contract suite.

    ``rows``: ``day`` (Date), ``source``, ``BillingCurrency``, the four costs and any other columns of single rows,
    those in ``dimensions`` among them; one row a day, so nothing is left to spread. A column that the lake always has
    and ``rows`` lack is null, and ``billing_period`` is the month of the day. ``demand_rows``: the columns of
    ``demand``. ``emission_rows``: ``source``, ``day``, ``grams`` and any other column of ``emissions``.
    ``commitment_rows``, ``invoice_rows``: any columns of these tables, and of the first the dimensions.
    """

    rows: pl.DataFrame
    dimensions: Sequence[str] = ()
    demand_rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DEMAND_SCHEMA))
    emission_rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_EMISSIONS))
    commitment_rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COMMITMENTS_SCHEMA))
    invoice_rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=INVOICES_SCHEMA))
    version: DataVersion = field(default_factory=DataVersion)
    engine: None = None
    faults: LakeFaults = NO_FAULTS
    allocations: Rules = NO_RULES

    @classmethod
    def empty(cls) -> InMemoryLakeView:
        """A lake without a row."""
        return cls(pl.DataFrame(schema={"source": pl.String, "day": pl.Date, **COSTS_SCHEMA}))

    def allocated(self) -> AllocatedView:
        return AllocatedView(self, self.allocations)

    def allocated_alone(self) -> MovedView:
        return MovedView(self, self.allocations)

    def moved(self) -> Allocated:
        return nothing_allocated()

    def marks(self) -> Marks:
        scopes = self.scopes().collect()
        parts = self._complete.partition_by(["source", "billing_period"], as_dict=True, include_key=False)
        return Marks(frame_digest(scopes), {of: frame_digest(rows) for of, rows in parts.items()})

    def unknown_costs(self) -> Mapping[tuple[str, date], Mapping[str, int]]:
        parts = self._complete.partition_by(["source", "billing_period"], as_dict=True)
        return {of: found for of, rows in parts.items() if (found := unknown_costs(rows))}

    def scopes(self) -> pl.LazyFrame:
        return self._star.select("scope_id", *self._scope_columns).unique(maintain_order=True).lazy()

    def costs_daily(self) -> pl.LazyFrame:
        by = ("source", "billing_period", "scope_id", "day", "currency")
        cells = self._star.rename({"BillingCurrency": "currency"}).group_by(by, maintain_order=True)
        return cells.agg(pl.col(COSTS).sum(), pl.len().cast(pl.Int64).alias("rows")).select(DAILY_SCHEMA.names()).lazy()

    def costs(self) -> pl.LazyFrame:
        return self._complete.drop("day", *self.dimensions).lazy()

    def costs_by_day(self) -> pl.LazyFrame:
        return self._complete.lazy()

    def pieces(self, table: Divisible, *, fewest: int, most: int) -> Sequence[Piece]:  # noqa: ARG002 - it is all in one place
        return [self]

    def demand(self) -> pl.LazyFrame:
        return self.demand_rows.select(pl.col(name).cast(dtype) for name, dtype in DEMAND_SCHEMA.items()).lazy()

    def emissions(self) -> pl.LazyFrame:
        texts = (*EMISSION_LABELS, "Tags", *self.dimensions)
        rows = with_columns_of(self.emission_rows.lazy(), pl.Schema(dict.fromkeys(texts, pl.String())))
        return rows.select("source", "day", pl.col("grams").cast(MONEY), *texts)

    def commitments(self) -> pl.LazyFrame:
        columns = pl.Schema({**COMMITMENTS_SCHEMA, **dict.fromkeys(self.dimensions, pl.String())})
        return with_columns_of(self.commitment_rows.lazy(), columns).select(columns.names())

    def invoices(self) -> pl.LazyFrame:
        return with_columns_of(self.invoice_rows.lazy(), INVOICES_SCHEMA).select(INVOICES_SCHEMA.names())

    @property
    def _scope_columns(self) -> tuple[str, ...]:
        return (*SCOPE_COLUMNS, *self.dimensions)

    @cached_property
    def _complete(self) -> pl.DataFrame:
        wanted = pl.Schema({**COSTS_SCHEMA, **dict.fromkeys(self.dimensions, pl.String())})
        month = pl.coalesce("billing_period", pl.col("day").dt.month_start())
        return (
            with_columns_of(self.rows.lazy(), wanted)
            .with_columns(*(pl.col(cost).cast(MONEY) for cost in COSTS), month.alias("billing_period"))
            .collect()
        )

    @cached_property
    def _star(self) -> pl.DataFrame:
        """``_complete`` with ``scope_id``: one for each distinct tuple of the scope columns, the lake's own."""
        columns = self._scope_columns
        scopes = self._complete.select(columns).unique().sort(columns)
        ids = pl.Series("scope_id", [scope_id(values) for values in scopes.iter_rows()], dtype=pl.Int64)
        numbered = scopes.with_columns(ids)
        return self._complete.join(numbered, on=columns, nulls_equal=True, maintain_order="left")
