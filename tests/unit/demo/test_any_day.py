"""The planted incidents hold whatever day the demo is made on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from finops.demo import write_demo
from finops.demo.generate import make_bills
from finops.demo.incidents import planted
from finops.demo.organisation import UNALLOCATED
from finops.demo.project import project_budget
from finops.demo.rates import rates
from finops.demo.timeline import Timeline
from tests.support.demo_truth import daily_euro, expected_budgets, truth_of

SEED = 20260301
UNTIL = [
    date(2027, 1, 1),
    date(2027, 1, 2),
    date(2027, 2, 4),
    date(2027, 2, 28),
    date(2028, 2, 29),
    date(2028, 3, 1),
    date(2027, 5, 4),
    date(2027, 8, 31),
]


@pytest.mark.parametrize("until", UNTIL, ids=str)
def test_verdicts_are_as_planted(until: date) -> None:
    timeline = Timeline(until, 95)
    euro = daily_euro(make_bills(timeline, SEED), rates(timeline, SEED))
    project = project_budget(timeline)
    settled = until - timedelta(days=2)
    due = project.amount_eur * (settled - project.start).days / (project.end - project.start).days
    assert 1.3 < float(euro.product_between(project.product, project.start, settled)) / due < 1.6

    for budget in expected_budgets(euro, timeline):
        if until.day <= 3:
            assert budget.pace is None, "no day of the month is settled yet"
        elif budget.team in {"checkout", "ml"}:
            assert budget.pace is not None
            assert budget.pace > 1.1, budget.team
        else:
            assert budget.pace is not None
            assert budget.pace < 1.05, budget.team


@pytest.mark.parametrize("until", [date(2027, 1, 1), date(2028, 2, 29), date(2028, 3, 1)], ids=str)
@pytest.mark.parametrize("days", [40, 95])
def test_a_whole_demo_is_written_on_awkward_days(tmp_path: Path, until: date, days: int) -> None:
    truth = truth_of(write_demo(tmp_path, until=until, days=days))

    month_before = (until.replace(day=1) - timedelta(days=1)).replace(day=1)
    assert truth.restatement.billing_period == month_before
    assert len(list((tmp_path / "bills" / "aws").glob("*.parquet"))) == len(truth.sources["aws"])
    first = until - timedelta(days=days)
    assert all(first <= incident.start < until for incident in truth.incidents)
    assert sum(truth.months[month_before].values()) > 20_000 * (30 if days > 62 else 25) / 31


@pytest.fixture(scope="module")
def aws() -> pl.DataFrame:
    return make_bills(Timeline(date(2026, 11, 22), 120), SEED)["aws"]


def _start(name: str) -> date:
    return next(incident.start for incident in planted(Timeline(date(2026, 11, 22), 120)) if incident.name == name)


def _daily(rows: pl.DataFrame, *, before: date) -> tuple[float, float]:
    """Mean EffectiveCost of a day in the three weeks before ``before`` and in the two weeks from it."""
    days = rows.group_by("day").agg(pl.col("EffectiveCost").sum().cast(pl.Float64))
    earlier = days.filter(pl.col("day").is_between(before - timedelta(days=21), before - timedelta(days=1)))
    later = days.filter(pl.col("day").is_between(before, before + timedelta(days=13)))
    return earlier["EffectiveCost"].mean(), later["EffectiveCost"].mean()  # type: ignore[return-value]


def test_checkouts_databases_more_than_triple(aws: pl.DataFrame) -> None:
    databases = aws.filter(
        pl.col("ServiceName") == "Amazon Relational Database Service",
        pl.col("SubAccountName") == "fernhollow-checkout-prod",
    )
    before, after = _daily(databases, before=_start("checkout-database"))
    assert 2.8 < after / before < 3.6


def test_the_runaway_job_is_one_day(aws: pl.DataFrame) -> None:
    jobs = aws.filter(pl.col("ServiceName") == "Amazon Elastic MapReduce", pl.col("team") == "data")
    days = dict(jobs.group_by("day").agg(pl.col("EffectiveCost").sum().cast(pl.Float64)).iter_rows())
    peak = max(days, key=lambda day: days[day])
    assert peak == _start("runaway-job")
    assert days[peak] > 4 * sorted(days.values())[-2]


def test_the_savings_plan_falls_idle(aws: pl.DataFrame) -> None:
    start = _start("idle-commitment")
    used = aws.filter(pl.col("CommitmentDiscountStatus") == "Used")
    idle = aws.filter(pl.col("CommitmentDiscountStatus") == "Unused")
    used_before, used_after = _daily(used, before=start)
    idle_before, idle_after = _daily(idle, before=start)
    assert used_before / (used_before + idle_before) > 0.94
    assert used_after / (used_after + idle_after) < 0.78


def test_untagged_spend_grows_faster_than_the_rest(aws: pl.DataFrame) -> None:
    untagged = aws.filter(pl.col("team") == UNALLOCATED)
    first, _ = _daily(untagged, before=_start("untagged-growth"))
    last, _ = _daily(untagged, before=date(2026, 11, 21))
    assert last / first > 1.6


def test_ai_cost_outruns_its_tokens() -> None:
    ai = make_bills(Timeline(date(2026, 11, 22), 120), SEED)["ai"].filter(pl.col("team") == "ml")
    sums = ai.group_by("day").agg(
        pl.col("EffectiveCost").sum().cast(pl.Float64), pl.col("ConsumedQuantity").sum().cast(pl.Float64)
    )
    window = [
        sums.filter(pl.col("day") < date(2026, 9, 20)).mean(),
        sums.filter(pl.col("day") > date(2026, 11, 7)).mean(),
    ]
    cost, tokens = (
        window[1][column].item() / window[0][column].item() for column in ("EffectiveCost", "ConsumedQuantity")
    )
    assert 1.0 < tokens < 1.6, tokens
    assert cost - 1 > 3 * (tokens - 1), "cost must grow several times faster than what it pays for"
