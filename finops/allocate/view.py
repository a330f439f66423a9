"""The tables of one data version as if the bills had come allocated.

EffectiveCost there is AllocatedCost; the other three costs are allocated in the same proportions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cached_property
from hashlib import blake2b

import polars as pl

from finops.allocate.rules import Rules
from finops.allocate.transfers import allocate
from finops.model.data_version import DataVersion
from finops.ports.allocated import Allocated
from finops.ports.lake import Divisible, LakeView, Marks, Piece
from finops.ports.lake_faults import NO_FAULTS, LakeFaults

_MOMENT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)  # without slots: what is cached needs a place
class AllocatedView:
    """A ``finops.ports.lake.LakeView`` over ``direct``. It is read by this process, whatever engine ``direct`` has.

    Single rows of a bill stay whole: what was moved is beside them, a row a day and scope, without a resource.
    """

    direct: LakeView
    rules: Rules
    engine: None = None

    @cached_property
    def _moved(self) -> Allocated:
        version, faults = self.direct.version, self.direct.faults
        if version.costs_daily is None:  # rows in memory
            return allocate(self.rules, self.direct)
        origin = version, repr(faults), self.rules.digest()
        return self.rules.memo.of(origin, lambda: allocate(self.rules, self.direct))

    def allocated(self) -> AllocatedView:
        return self

    def allocated_alone(self) -> MovedView:
        return MovedView(self.direct, self.rules)

    def moved(self) -> Allocated:
        """Raises what reading the lake raises."""
        return self._moved

    @property
    def version(self) -> DataVersion:
        return self.direct.version

    @property
    def faults(self) -> LakeFaults:
        return self.direct.faults

    def marks(self) -> Marks:
        direct, moved = self.direct.marks(), self._moved
        periods = dict(direct.periods)
        parts = moved.transfers.partition_by(["source", "billing_period"], as_dict=True)
        for (source, period), rows in parts.items():
            assert isinstance(source, str)  # noqa: S101 - the types of the columns
            assert isinstance(period, date)  # noqa: S101 - as above
            periods[source, period] = f"{periods.get((source, period), '')} {digest(rows)}"
        return Marks(f"{direct.scopes} {digest(moved.scopes)}", periods)

    def unknown_costs(self) -> Mapping[tuple[str, date], Mapping[str, int]]:
        return self.direct.unknown_costs()

    def scopes(self) -> pl.LazyFrame:
        return pl.concat([self.direct.scopes(), self._moved.scopes.lazy()], how="diagonal")

    def costs_daily(self) -> pl.LazyFrame:
        direct = self.direct.costs_daily()
        return pl.concat([direct, self._moved.transfers.lazy().select(direct.collect_schema().names())])

    def costs(self) -> pl.LazyFrame:
        return self.direct.costs()

    def costs_by_day(self) -> pl.LazyFrame:
        """With ``allocation`` and ``from``, null in rows of a bill."""
        return pl.concat([self.direct.costs_by_day(), self._moved_by_day()], how="diagonal_relaxed")

    def _moved_by_day(self) -> pl.LazyFrame:
        scopes = AllocatedView.scopes(self).drop("source").collect()
        start = pl.col("day").cast(pl.Datetime("us")).dt.replace_time_zone(UTC.tzname(None)).cast(_MOMENT)
        moved = (
            self._moved.transfers.join(scopes, on="scope_id")
            .drop("scope_id", "rows", "to")
            .rename({"currency": "BillingCurrency"})
            .with_columns(ChargePeriodStart=start, ChargePeriodEnd=start + timedelta(days=1))
        )
        return moved.lazy()

    def pieces(self, table: Divisible, *, fewest: int, most: int) -> Sequence[Piece]:  # noqa: ARG002 - it is all in one place
        return [self]

    def emissions(self) -> pl.LazyFrame:
        return self.direct.emissions()

    def demand(self) -> pl.LazyFrame:
        return self.direct.demand()

    def commitments(self) -> pl.LazyFrame:
        return self.direct.commitments()

    def invoices(self) -> pl.LazyFrame:
        return self.direct.invoices()


class MovedView(AllocatedView):
    """What was moved, alone: what a group got is positive, what it gave away negative."""

    @property
    def faults(self) -> LakeFaults:
        """Rows of bills are not in it: it lacks something only where a rule could not see all of its costs."""
        return self.direct.faults if self._moved.doubts else NO_FAULTS

    @cached_property
    def _told_apart(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Scopes that tell ``allocation`` and ``from`` apart, too, and the cells in them."""
        keys = ["scope_id", "allocation", "from"]
        transfers = self._moved.transfers
        own = transfers.select(keys).unique(maintain_order=True).with_row_index("own").cast({"own": pl.Int64})
        cells = transfers.join(own, on=keys, nulls_equal=True).drop(*keys, "to").rename({"own": "scope_id"})
        scopes = AllocatedView.scopes(self).join(own.lazy(), on="scope_id").drop("scope_id").rename({"own": "scope_id"})
        return scopes.collect(), cells

    def scopes(self) -> pl.LazyFrame:
        """With ``allocation`` and ``from``."""
        return self._told_apart[0].lazy()

    def costs_daily(self) -> pl.LazyFrame:
        return self._told_apart[1].lazy().select(self.direct.costs_daily().collect_schema().names())

    def costs_by_day(self) -> pl.LazyFrame:
        return self._moved_by_day()


def digest(rows: pl.DataFrame) -> str:
    """Of the values, in the order of the rows."""
    columns = [pl.col(name).cast(pl.String).fill_null("\0") for name in rows.columns]
    lines = rows.select(pl.concat_str(columns, separator="\x1f").alias("line"))["line"]
    hashed = blake2b(digest_size=16)
    for line in lines:
        hashed.update(line.encode())
    return hashed.hexdigest()
