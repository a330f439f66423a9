"""What drove a thousand firing groups, against a bare sum over the same rows. ``make bench BENCH=drivers``."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from finops.evaluate.engine import evaluate
from finops.evaluate.kinds.budget import Budget
from finops.lake import InMemoryLakeView
from finops.model.columns import Columns
from finops.model.evaluation import Settings
from finops.model.source_freshness import SourceFreshness
from finops.policy.load import read_policies

AS_OF = datetime(2026, 3, 20, 6, tzinfo=UTC)
DAYS = [date(2025, 12, 1) + timedelta(days=n) for n in range(109)]
MONEY = pl.Decimal(38, 15)
POLICY = """apiVersion: finops/v1
kind: Budget
metadata: {name: teams, owner: finops}
spec:
  group_by: [team]
  period: month
  amount: AMOUNT EUR
  alerts: [{when: spent > 100%, severity: warning}]
"""


def rows(count: int, teams: int, resources: int) -> pl.DataFrame:
    """Single rows of 109 days: each resource has one team, service, account and region."""
    random = np.random.default_rng(7)
    resource = random.integers(0, resources, count)
    quantity = pl.Series(random.integers(1, 25, count)).cast(MONEY)
    text = pl.Series(resource).cast(pl.String)
    price = pl.Series(resource % 90 + 10).cast(MONEY) / 100
    frame = pl.DataFrame(
        {
            "day": pl.Series(DAYS).gather(random.integers(0, len(DAYS), count)),
            "source": pl.Series(["aws"] * count),
            "BillingCurrency": pl.Series(["EUR"] * count),
            "ChargeCategory": pl.Series(["Usage"] * count),
            "team": "team " + pl.Series(resource % teams).cast(pl.String),
            "ServiceName": "service " + pl.Series(resource % 80).cast(pl.String),
            "SubAccountId": pl.Series(resource % 200).cast(pl.String),
            "RegionId": "region " + pl.Series(resource % 7).cast(pl.String),
            "ResourceId": "arn:aws:resource/" + text,
            "SkuPriceId": "sku " + pl.Series(resource % 500).cast(pl.String),
            "PricingUnit": pl.Series(["Hours"] * count),
            "PricingQuantity": quantity,
            "EffectiveCost": quantity * price,
        }
    )
    return frame.with_columns(
        pl.col("EffectiveCost").alias(name) for name in ("BilledCost", "ListCost", "ContractedCost")
    )


def verdicts(view: InMemoryLakeView, amount: str) -> int:
    columns = Columns({"team": "text"}, {}, frozenset(["team"]))
    text = POLICY.replace("AMOUNT", amount)
    policies = read_policies(text, shown_as="p", kinds={"Budget": Budget}, columns=columns, demand=[])
    through = datetime(2026, 3, 20, tzinfo=UTC)
    freshness = [SourceFreshness("aws", "focus-files", AS_OF, through)]
    settings = Settings(currency="EUR", dimensions=("team",))
    done = evaluate(policies, view, as_of=AS_OF, freshness=freshness, settings=settings)
    return sum(finding.change is not None for finding in done.findings)


def bare(frame: pl.DataFrame) -> Any:
    by = ("team", "ServiceName", "SubAccountId", "RegionId", "ResourceId", "SkuPriceId")
    return frame.lazy().group_by(by).agg(pl.col("EffectiveCost", "PricingQuantity").sum()).collect(engine="streaming")


def timed(run: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    taken, result = [], None
    for _ in range(rounds):
        start = time.process_time()
        result = run()
        taken.append(time.process_time() - start)
    return statistics.median(taken), result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--resources", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print("| groups that fire | bare sum, CPU s | evaluated, none fires | all fire | drivers | ratio to bare |")
    print("|---|---|---|---|---|---|")
    for teams in (1, 100, 1000):
        view = InMemoryLakeView(rows(arguments.rows, teams, arguments.resources), ("team",))
        verdicts(view, "1000000000000")  # the view makes its own rollup once
        summed, _ = timed(lambda view=view: bare(view.costs_by_day().collect()), arguments.rounds)  # type: ignore[misc] # a default binds the loop's own
        calm, _ = timed(lambda view=view: verdicts(view, "1000000000000"), arguments.rounds)  # type: ignore[misc] # as above
        loud, fired = timed(lambda view=view: verdicts(view, "0.01"), arguments.rounds)  # type: ignore[misc] # as above
        cells = (f"{fired:,}", *(f"{s:.2f}" for s in (summed, calm, loud, loud - calm, (loud - calm) / summed)))
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
