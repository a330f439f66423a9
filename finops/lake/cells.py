"""Rows of ``costs`` -> cells of ``costs_daily``, a slice at a time, so that memory is flat in the number of rows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from finops.lake.columns import SCOPE_COLUMNS
from finops.lake.scope_book import KEY, ScopeBook, keys
from finops.lake.spread import READS, first_day, is_long, spread
from finops.ports.lake import COSTS, DimensionColumns

_CURRENCY = "BillingCurrency"
_SEEN = "_seen"
_LONG_ROWS_AT_ONCE = 25_000  # each becomes up to 366
_CELLS_BETWEEN_FOLDS = 5_000_000
_TUPLES_REMEMBERED = 2_000_000
_DAY_BITS = 2**32


class Cells:
    """Adds up the slices of one (source, billing period).

    A row's *raw* tuple is what its scope, its dimensions and its currency are made from. Each raw tuple is looked at
    once; a row then needs two hashes and a join to find its line (scope and currency), and one integer to be grouped
    by (line and day).
    """

    def __init__(self, dimensions: DimensionColumns, timezone: ZoneInfo, book: ScopeBook) -> None:
        self._dimensions = dimensions
        self._timezone = timezone
        self._book = book
        self._raw = tuple(sorted({*SCOPE_COLUMNS, *dimensions.required_columns, _CURRENCY}))
        self._seen = pl.DataFrame(schema={KEY[0]: pl.UInt64(), _SEEN: pl.UInt64(), "line": pl.Int64()})
        self._lines = pl.DataFrame(schema={"scope_id": pl.Int64(), "currency": pl.String(), "line": pl.Int64()})
        self._cells: list[pl.DataFrame] = []
        self._folded_cells = 0
        self._keys_meet = False

    @staticmethod
    def reads(dimensions: DimensionColumns) -> list[str]:
        """The columns that a slice must have."""
        return sorted({*SCOPE_COLUMNS, *dimensions.required_columns, *READS, _CURRENCY, *COSTS})

    def add(self, rows: pl.DataFrame) -> None:
        keyed = rows.with_columns(keys(self._raw))
        narrow = keyed.select(*KEY, *READS, *COSTS)
        lined = self._lined(narrow)
        unseen = lined["line"].is_null() | (lined[KEY[1]] != lined[_SEEN])
        if unseen.any():
            if self._seen.height > _TUPLES_REMEMBERED:
                self._seen, unseen = self._seen.clear(), pl.repeat(value=True, n=rows.height, eager=True)
            self._learn(keyed.filter(unseen).unique(subset=KEY, keep="any"))
            lined = self._lined(narrow)
        long = lined.filter(is_long(self._timezone))
        short = lined if long.is_empty() else lined.filter(~is_long(self._timezone))
        self._sum(short.lazy().with_columns(first_day(self._timezone)), pl.len())
        for piece in long.iter_slices(_LONG_ROWS_AT_ONCE):
            # a row counts once, on its first day
            self._sum(spread(piece.lazy(), self._timezone, COSTS), (pl.col("nth") == 0).sum())

    def result(self) -> pl.DataFrame:
        """``scope_id``, ``currency``, ``day``, the four costs, ``rows``: the first three once each, sorted."""
        if not self._cells:
            return self._lines.clear().select("scope_id", "currency")
        cells = _added_up(self._cells)
        lines = self._lines.sort("scope_id", "currency").with_row_index("rank")
        rank = lines.sort("line")["rank"].cast(pl.Int64)  # lines count from 0 without a gap
        ranked = cells.with_columns(
            rank.gather(cells["cell"] // _DAY_BITS), day=(pl.col("cell") % _DAY_BITS).cast(pl.Int32).cast(pl.Date)
        ).sort("rank", "day")
        named = [lines[name].gather(ranked["rank"]) for name in ("scope_id", "currency")]
        return ranked.select(*named, "day", *COSTS, "rows")

    def _lined(self, rows: pl.DataFrame) -> pl.DataFrame:
        """``rows`` with ``line``, found by one key; the other tells whether two tuples share the first (``_SEEN``)."""
        if self._keys_meet:
            own = self._seen.with_columns(pl.col(_SEEN).alias(KEY[1]))
            return rows.join(own, on=KEY, how="left", maintain_order="left")
        return rows.join(self._seen, on=KEY[0], how="left", maintain_order="left")

    def _learn(self, unseen: pl.DataFrame) -> None:
        tuples = unseen.select(*KEY, *self._raw).with_columns(self._dimensions.expressions())
        raw = [pl.col(key).alias(f"raw{key}") for key in KEY]
        scoped = tuples.select(*raw, *self._book.columns, pl.col(_CURRENCY).alias("currency")).with_columns(
            keys(self._book.columns)
        )
        ids = self._book.ids(scoped.select(*KEY, *self._book.columns).unique(subset=KEY, keep="any"))
        learnt = scoped.join(ids, on=KEY, how="left").select(*(f"raw{key}" for key in KEY), "scope_id", "currency")
        line = ("scope_id", "currency")
        new = learnt.select(line).unique().join(self._lines, on=line, how="anti", nulls_equal=True)
        numbered = new.with_columns(line=pl.int_range(pl.len(), dtype=pl.Int64) + self._lines.height)
        self._lines = pl.concat([self._lines, numbered])
        found = learnt.join(self._lines, on=line, how="left", nulls_equal=True)
        seen = found.select(pl.col(f"raw{KEY[0]}").alias(KEY[0]), pl.col(f"raw{KEY[1]}").alias(_SEEN), "line")
        self._seen = pl.concat([self._seen, seen])
        self._keys_meet = self._keys_meet or bool(self._seen[KEY[0]].is_duplicated().any())

    def _sum(self, rows: pl.LazyFrame, counted: pl.Expr) -> None:
        cell = pl.col("line") * _DAY_BITS + pl.col("day").cast(pl.Int32).cast(pl.Int64)
        cells = rows.with_columns(cell=cell).group_by("cell").agg(pl.col(COSTS).sum(), rows=counted.cast(pl.Int64))
        self._cells.append(cells.collect())
        if sum(part.height for part in self._cells) - self._folded_cells > _CELLS_BETWEEN_FOLDS:
            self._cells = [_added_up(self._cells)]
            self._folded_cells = self._cells[0].height


def _added_up(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by("cell").agg(pl.col(*COSTS, "rows").sum())
