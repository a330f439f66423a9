"""The array kernel (``finops.evaluate.array_kernel``) against the plain plan: the same sums, three ways.

``python -m benchmarks.array_kernel [--scopes 20000] [--days 100] [--rounds 5]``. Medians of the seconds that it takes
to sum every cell of the rollup for so many policies:

- arrays: scopes are assigned to targets by distinct tuples, and cells are added to places of an array.
- packed plan: the same assignment, then a join and one ``group_by`` over an integer key (what engines on other machines
  run).
- plain plan: each condition is a filter over the scopes, then a join and one ``group_by`` by group, day and currency.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from finops.conditions import parse
from finops.evaluate.aggregation.cell_sums import by_plan
from finops.evaluate.aggregation.frames import HERE
from finops.evaluate.array_kernel.array_sums import add_up
from finops.evaluate.array_kernel.assignment import Batch, assign
from finops.evaluate.selection import Selection
from finops.model.columns import Columns
from finops.model.costs import AMOUNT

FIRST = date(2025, 1, 1)
COSTS = ("EffectiveCost",)
TEXTS = ("source", "ServiceName", "SubAccountId", "team", "environment")
COLUMNS = Columns(dict.fromkeys(TEXTS, "text"))
PERIOD = date(2025, 1, 1)


def scopes(count: int) -> pl.DataFrame:
    of = np.arange(count)
    return pl.DataFrame(
        {
            "on": of,
            "source": np.where(of % 3 == 0, "aws", "azure"),
            "ServiceName": [f"service {one % 60}" for one in of],
            "SubAccountId": [f"{one % 400:012}" for one in of],
            "team": [f"team {one % 25}" for one in of],
            "environment": [("prod", "staging", "dev")[one % 3] for one in of],
        }
    )


def cells(count: int, days: int) -> pl.DataFrame:
    random = np.random.default_rng(7)
    amounts = pl.Series(random.integers(1, 10**9, count * days)).cast(pl.Decimal(38, 0)) / Decimal(10**5)
    return pl.DataFrame(
        {
            "on": np.repeat(np.arange(count), days),
            "day": pl.Series([FIRST + timedelta(days=one) for one in range(days)] * count),
            "currency": "EUR",
            "EffectiveCost": amounts.cast(AMOUNT),
            "billing_period": PERIOD,
        }
    )


def selections(count: int) -> list[Selection]:
    """Most policies name a team, some a service or an account; a third are grouped."""
    texts = [
        f"team = 'team {one % 25}' AND environment = '{('prod', 'staging', 'dev')[one % 3]}'"
        if one % 2
        else f"ServiceName = 'service {one % 60}' AND SubAccountId <> '{one:012}'"
        for one in range(count)
    ]
    groups = ((), (), ("team",), ("SubAccountId",))
    return [Selection(parse(text, COLUMNS), groups[one % len(groups)]) for one, text in enumerate(texts)]


def arrays(of: pl.DataFrame, rows: pl.DataFrame, asked: Sequence[Selection]) -> pl.DataFrame:
    batch = Batch.after([], assign(of, dict.fromkeys(asked, FIRST)))
    found = add_up(rows, "on", [batch], COSTS)
    assert found is not None
    return found


def packed(of: pl.DataFrame, rows: pl.DataFrame, asked: Sequence[Selection]) -> pl.DataFrame:
    batch = Batch.after([], assign(of, dict.fromkeys(asked, FIRST)))
    return by_plan(HERE, HERE.lend(rows), "on", [batch], COSTS, [("aws", PERIOD)], "costs_daily")


def plain(of: pl.DataFrame, rows: pl.DataFrame, asked: Sequence[Selection]) -> pl.DataFrame:
    chosen = []
    for place, one in enumerate(asked):
        held = of if one.condition is None else of.filter(one.condition.expression())
        group = pl.concat_str(*one.group_by, separator="\x1f") if one.group_by else pl.lit("")
        chosen.append(held.select("on", pl.lit(place).alias("policy"), group.alias("group")))
    pairs = pl.concat(chosen).with_columns(pl.col("group").cast(pl.Categorical))
    plan = rows.lazy().join(pairs.lazy(), on="on").group_by("policy", "group", "day", "currency")
    return plan.agg(pl.col(*COSTS).sum()).collect(engine="streaming")


def seconds(way: Callable[[], pl.DataFrame], rounds: int) -> tuple[float, Decimal]:
    taken, total = [], Decimal(0)
    for _ in range(rounds):
        started = time.perf_counter()
        found = way()
        taken.append(time.perf_counter() - started)
        total = found["EffectiveCost"].sum()
    return statistics.median(taken), total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scopes", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--policies", type=int, nargs="+", default=[10, 100, 1_000])
    given = parser.parse_args()
    of, rows = scopes(given.scopes), cells(given.scopes, given.days)
    print(f"{rows.height:,} cells of {of.height:,} scopes, medians of {given.rounds} rounds in seconds")
    print("| policies | arrays | packed plan | plain plan | plain / arrays |")
    print("|---|---|---|---|---|")
    for count in given.policies:
        asked = list(dict.fromkeys(selections(count)))
        results = [
            seconds(lambda way=way, asked=asked: way(of, rows, asked), given.rounds) for way in (arrays, packed, plain)
        ]
        totals = {total for _, total in results}
        assert len(totals) == 1, totals
        (array, _), (by_key, _), (by_text, _) = results
        print(f"| {len(asked):,} | {array:.2f} | {by_key:.2f} | {by_text:.2f} | {by_text / array:.1f} |", flush=True)


if __name__ == "__main__":
    main()
