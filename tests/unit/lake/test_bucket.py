"""Cells add up to the same, however few are held and however often they went aside."""

from __future__ import annotations

import threading
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.lake.rollup.bucket import Bucket
from finops.lake.tables.columns import MONEY
from finops.lake.tables.memory_limits import SpillFile
from finops.ports.lake import COSTS


@settings(max_examples=25, deadline=None)
@given(
    parts=st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(-99, 99)), max_size=6), max_size=12),
    most=st.integers(0, 8),
)
def test_cells_add_up_to_all_that_came(parts: list[list[tuple[int, int]]], most: int) -> None:
    bucket = Bucket(SpillFile(), threading.Lock(), most)
    expected: dict[int, tuple[Decimal, int]] = {}
    for part in parts:
        bucket.add(_part(part))
        for cell, amount in part:
            cost, count = expected.get(cell, (Decimal(0), 0))
            expected[cell] = cost + amount, count + 1
    whole = bucket.whole()

    found = {row["cell"]: (row["BilledCost"], row["rows"]) for row in whole.iter_rows(named=True)}
    assert found == expected
    assert whole.height == len(expected)


def _part(lines: list[tuple[int, int]]) -> pl.DataFrame:
    amounts = pl.Series([Decimal(amount) for _, amount in lines], dtype=MONEY)
    cells = pl.Series("cell", [cell for cell, _ in lines], dtype=pl.Int64)
    return pl.DataFrame([cells, *(amounts.alias(cost) for cost in COSTS)]).with_columns(rows=pl.lit(1, pl.Int64))
