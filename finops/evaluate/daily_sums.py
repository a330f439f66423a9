"""What every part of every group of every selection costs each day: the large tables are read once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw
import polars as pl

from finops.errors import BrokenStore
from finops.evaluate.choosing import Chosen, choose
from finops.evaluate.facts import LOOK_BACK
from finops.evaluate.frames import Frames, lent, local
from finops.evaluate.selection import Plan, Selection
from finops.evaluate.summing import MOST_CURRENCIES, Lazy, days_from, rows_summed, sum_of, summed, unpacked


@dataclass(frozen=True, slots=True)
class Sums:
    """``daily``: ``target`` (see ``chosen``), ``day``, ``currency`` and the plan's costs, up to today, sorted."""

    chosen: Chosen
    daily: pl.DataFrame


def daily_sums(frames: Frames, selections: Mapping[int, Selection], plan: Plan, *, today: date) -> Sums:
    """``selections``: by place in ``plan``; over columns of ``scopes``. Two reads of the rollup: who was seen within
    ``LOOK_BACK`` (two narrow columns), and the costs from the first day that anybody sums."""
    columns = sorted({"source"}.union(*(one.columns for one in selections.values())))
    scopes = frames.fetch(frames.scopes().select("scope_id", *columns))
    cells = frames.costs_daily().filter(nw.col("day") <= nw.lit(today))
    recent = cells.filter(nw.col("day") > nw.lit(today - LOOK_BACK)).select("scope_id").unique()
    seen = frames.fetch(recent).with_columns(seen=pl.lit(value=True))
    known = scopes.join(seen, on="scope_id", how="left").with_columns(pl.col("seen").fill_null(value=False))
    chosen = choose(known.rename({"scope_id": "on"}), selections, plan.first)
    days = [first for place in selections if (first := plan.first[place]) is not None]
    if not days or chosen.over_cells.is_empty():
        return Sums(chosen, _nothing(plan.costs))
    cells = cells.filter(days_from(min(days)))
    currencies = _currencies(frames, cells)
    pairs = frames.lend(chosen.over_cells.rename({"on": "scope_id"}))
    packed = summed(cells, pairs, on="scope_id", costs=plan.costs, currencies=currencies)
    return Sums(chosen, _resolved(unpacked(frames.fetch(packed), currencies), chosen, plan.costs, currencies))


def row_sums(frames: Frames, selections: Mapping[int, Selection], plan: Plan, *, today: date) -> Sums:
    """``selections``: by place in ``plan``; over any column of ``costs``. One scan of single rows."""
    columns = sorted({"source"}.union(*(one.columns for one in selections.values())))
    days = [today - LOOK_BACK, *(first for place in selections if (first := plan.first[place]) is not None)]
    conditions = [one.condition for one in selections.values()]
    rows = frames.rows(columns, conditions, min(days), today).filter(days_from())
    found = frames.fetch(rows_summed(rows, columns=columns, costs=plan.costs))
    keyed = found.select(columns).unique(maintain_order=True).with_row_index("on").cast({"on": pl.Int64})
    cells = found.join(keyed, on=columns, nulls_equal=True).select(
        "on", "day", "currency", *(pl.col(sum_of(cost)).alias(cost) for cost in plan.costs)
    )
    recent = cells.filter(pl.col("day") > today - LOOK_BACK).select("on").unique().with_columns(seen=pl.lit(value=True))
    known = keyed.join(recent, on="on", how="left").with_columns(pl.col("seen").fill_null(value=False))
    chosen = choose(known, selections, plan.first)
    if chosen.over_cells.is_empty() or not plan.costs:
        return Sums(chosen, _nothing(plan.costs))
    currencies = _allowed(cells["currency"].unique().sort().to_list())
    packed = summed(lent(cells), lent(chosen.over_cells), on="on", costs=plan.costs, currencies=currencies)
    return Sums(chosen, _resolved(unpacked(local(packed), currencies), chosen, plan.costs, currencies))


def _resolved(found: pl.DataFrame, chosen: Chosen, costs: Sequence[str], currencies: Sequence[str]) -> pl.DataFrame:
    """Tuples that were summed once, added up for each of the targets that share them."""
    own = found.filter(pl.col("target") < chosen.count)
    shared = found.filter(pl.col("target") >= chosen.count).rename({"target": "on"})
    if shared.is_empty():
        return own
    packed = summed(lent(shared), lent(chosen.over_tuples), on="on", costs=costs, currencies=currencies)
    return pl.concat([own, unpacked(local(packed), currencies).select(own.columns)]).sort("target", "day", "currency")


def _currencies(frames: Frames, cells: Lazy) -> list[str]:
    found = frames.fetch(cells.select("currency").unique())
    return _allowed(found["currency"].sort().to_list())


def _allowed(currencies: list[str]) -> list[str]:
    if len(currencies) > MOST_CURRENCIES:
        raise BrokenStore(
            f"there are {len(currencies)} currencies, at most {MOST_CURRENCIES} can be summed at once",
            where="costs_daily",
            remedy="Look at BillingCurrency of the newest bills: is it a currency?",
        )
    return currencies


def _nothing(costs: Sequence[str]) -> pl.DataFrame:
    money = dict.fromkeys(costs, pl.Decimal(38, 15))
    return pl.DataFrame(schema={"target": pl.Int64, "day": pl.Date, "currency": pl.String, **money})
