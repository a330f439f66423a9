"""One file of a Cost and Usage Report, 2.0 or legacy -> FOCUS rows, batch by batch."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import polars as pl

from finops.collect.aws.cur.columns import Cur
from finops.collect.aws.cur.commitments import commitment_columns, unused_quantity
from finops.collect.aws.cur.costs import UNBLENDED, cost_columns, cost_steps, is_offset, unused
from finops.collect.aws.cur.line_items import RECURRING, LineItem
from finops.collect.aws.cur.names import cur2_names
from finops.collect.aws.cur.parties import party_columns, service_columns
from finops.collect.aws.cur.periods import COMPARED, is_inclusive, period_columns, with_moments
from finops.collect.aws.cur.prices import detail_columns, price_columns, quantity_step, sku_price_details
from finops.collect.aws.cur.tags import provider_columns, tags

VERSION = 3
"""Goes up when a rule changes, so that periods that are known are read again."""


class CurConversion:
    """Of one file. ``rows`` may be streamed; ``repaired`` and ``offset`` count what passed since it was made."""

    def __init__(self, part: str, schema: Mapping[str, pl.DataType]) -> None:
        """``schema``: of the file, see ``cur2_names``. Raises ``RefusedBatch`` where columns are missing."""
        self._cur = Cur(cur2_names(pl.LazyFrame(schema=schema)).collect_schema())
        self._cur.check(part)
        self._line = LineItem(self._cur)
        self._columns = _columns(self._cur, self._line)
        self._steps = [self._line.found, *cost_steps(self._cur, self._line), quantity_step(self._cur, self._line)]
        expressions = [
            one for columns in (*self._steps, self._columns, detail_columns(self._cur)) for one in columns.values()
        ]
        expressions += [unused(self._cur), unused_quantity(self._cur)]
        names = {name for expression in expressions for name in expression.meta.root_names()}.union(COMPARED)
        self._needed = [name for name in self._cur.schema if name in names]
        self._schema = _convert(
            self._prepared(pl.DataFrame(schema=dict(self._cur.schema))), self._cur, self._columns
        ).schema
        self._lock = threading.Lock()
        self.repaired: Counter[str] = Counter()
        self.offset = 0.0

    def rows(self, raw: pl.LazyFrame) -> pl.LazyFrame:
        """FOCUS 1.2 columns and ``x_`` columns; a recurring fee that was not used up gives two rows.

        Only the columns that are needed are read: a report has more than a hundred.
        """
        return cur2_names(raw).select(self._needed).map_batches(self._batch, schema=self._schema, streamable=True)

    def _batch(self, raw: pl.DataFrame) -> pl.DataFrame:
        rows = self._prepared(raw)
        self._observe(rows)
        fees = rows.filter(pl.col("line_item_line_item_type").is_in(RECURRING)).with_columns(
            unused(self._cur).alias("\0unused")
        )
        fees = fees.filter(pl.col("\0unused").cast(pl.Float64, strict=False).fill_null(1.0) != 0.0)
        converted = _convert(rows, self._cur, self._columns)
        if not fees.height:
            return converted
        return pl.concat([converted, _idle(fees, self._cur, self._columns)])

    def _observe(self, rows: pl.DataFrame) -> None:
        cost = UNBLENDED.cast(pl.Float64, strict=False)
        seen = rows.select(
            inclusive=is_inclusive().sum(),
            offset=pl.when(is_offset(self._line)).then(cost).sum(),
        ).row(0, named=True)
        with self._lock:
            if seen["inclusive"]:
                self.repaired["ChargePeriodEnd: inclusive, made exclusive"] += seen["inclusive"]
            self.offset += seen["offset"] or 0.0

    def _prepared(self, raw: pl.DataFrame) -> pl.DataFrame:
        """With the columns that several expressions need, each computed once: nested, they explode."""
        rows = with_moments(raw)
        for step in self._steps:
            rows = rows.with_columns(**step)
        return rows


def _columns(cur: Cur, line: LineItem) -> dict[str, pl.Expr]:
    return {
        **period_columns(cur),
        **party_columns(cur),
        **service_columns(cur),
        **price_columns(cur, line),
        **commitment_columns(cur, line),
        "ChargeCategory": line.category(),
        "ChargeFrequency": line.frequency(),
        "ChargeDescription": cur.text("line_item_line_item_description"),
        "PricingCategory": line.pricing_category(),
        **cost_columns(),
        "Tags": tags(cur),
        **provider_columns(cur),
    }


def _convert(rows: pl.DataFrame, cur: Cur, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return rows.select(**columns).with_columns(sku_price_details(cur, rows))


def _idle(fees: pl.DataFrame, cur: Cur, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """What of the fees paid for nothing, as FOCUS has it: usage of nothing, whose cost is effective and not billed."""
    zero = cur.zero()
    rest = {"unused": pl.col("\0unused"), "unused_quantity": unused_quantity(cur)}
    converted = fees.select(**columns, **rest).with_columns(sku_price_details(cur, fees))
    return converted.with_columns(
        pl.lit("Usage").alias("ChargeCategory"),
        pl.lit("Usage-Based").alias("ChargeFrequency"),
        pl.lit("Unused").alias("CommitmentDiscountStatus"),
        zero.alias("BilledCost"),
        pl.col("unused").alias("EffectiveCost"),
        zero.alias("ListCost"),
        zero.alias("ContractedCost"),
        pl.lit("0").cast(converted.schema["PricingQuantity"]).alias("PricingQuantity"),
        pl.when(pl.col("CommitmentDiscountId").is_not_null())
        .then(pl.col("unused_quantity"))
        .alias("CommitmentDiscountQuantity"),
    ).select(pl.exclude(rest))
