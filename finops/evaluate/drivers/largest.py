"""Of everything that changed, the few largest parts: found by Polars, however many resources there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from finops.evaluate.drivers.rows import BY, NAMES
from finops.evaluate.drivers.split import PARTS, split
from finops.model.finding import Driver

_IDS = ("ResourceId", "SkuId", "CommitmentDiscountId")
"""What names no resource is not a resource that grew."""

LARGEST = 3
"""How many drivers are told of each column."""


def largest(rows: pl.DataFrame, totals: pl.DataFrame, first: Mapping[int, Sequence[str]]) -> dict[int, list[Driver]]:
    """The drivers of each ``place``, by column in the order of ``BY`` (those of ``first`` before), the largest first.

    A column with one value alone tells nothing that the whole does not, so it is left out (services stay). SKUs are
    told where price or mix moved more than volume, or where no resource is named; commitments where a rule asks for
    them (``first``). ``totals``: ``split`` by ``place``.
    """
    moved = (pl.col("price").abs() + pl.col("mix").abs()) > pl.col("volume").abs()
    by_sku = set(totals.filter(moved)["place"].to_list())
    named: set[int] = set()
    found: dict[int, dict[str, list[Driver]]] = {}
    for by in BY:
        ranked = _ranked(rows, by)
        if by == "ResourceId":
            named = set(ranked["place"].to_list())
        for place, driver in _drivers(rows, ranked, by):
            asked = by in first.get(place, ())
            if by == "SkuId" and not asked and place not in by_sku and place in named:
                continue
            if by == "CommitmentDiscountId" and not asked:
                continue
            found.setdefault(place, {}).setdefault(by, []).append(driver)
    return {
        place: [driver for by in _order(first.get(place, ())) for driver in columns.get(by, ())]
        for place, columns in found.items()
    }


def _order(first: Sequence[str]) -> list[str]:
    return [*first, *(by for by in BY if by not in first)]


def _ranked(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """``place``, ``value``, ``name``: the largest changes of each place, none where there is one value alone."""
    name = pl.col(f"name of {by}").max() if NAMES[by] else pl.lit(None, pl.String).first()
    change = (pl.col("after").sum() - pl.col("before").sum()).alias("change")
    values = rows.group_by("place", pl.col(by).alias("value")).agg(change, name.alias("name"))
    if by != "ServiceName":
        values = values.filter(pl.len().over("place") > 1)
    if by in _IDS:
        values = values.drop_nulls("value")
    return (
        values.filter(pl.col("change") != 0)
        .with_columns(pl.col("change").abs().alias("size"))
        .sort("place", "size", "value", descending=[False, True, False], nulls_last=True)
        .group_by("place", maintain_order=True)
        .head(LARGEST)
        .with_row_index("rank")
        .select("rank", "place", "value", "name")
    )


def _drivers(rows: pl.DataFrame, ranked: pl.DataFrame, by: str) -> list[tuple[int, Driver]]:
    if ranked.is_empty():
        return []
    with_rank = rows.join(ranked, left_on=["place", by], right_on=["place", "value"], nulls_equal=True)
    parts = split(with_rank, ["rank"]).join(ranked, on="rank").sort("rank")
    return [
        (
            row["place"],
            Driver(
                by,
                row["value"] or "",
                row["after"] - row["before"],
                **{part: row[part] for part in PARTS},
                name=row["name"] or "",
            ),
        )
        for row in parts.iter_rows(named=True)
    ]
