"""What the benchmarks of forecasts and anomalies promise, in small, with three seeds: through the policies' own door.

Bounds are those of so few cases: far enough that chance does not reach them, near enough that a broken method does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.anomaly_scenarios import SCENARIOS
from benchmarks.daily_shapes import SHAPES
from finops.model.finding import Finding
from tests.support.lake_view import FakeView, findings, policy, standing

Floats = NDArray[np.float64]
SEEDS = [20260310 + nth for nth in range(3)]
ORIGIN = date(2026, 3, 10)
AS_OF = datetime(2026, 3, 13, tzinfo=UTC)  # the 10th has just settled
WHOLE = standing(through=AS_OF, delivered=AS_OF)
FORECAST = """
group_by: [team]
period: month
amount: 12000 EUR
alerts: [{when: forecast > 100%, severity: warning}]
"""
ANOMALY = """
group_by: [team]
window: 1d
alerts: [{when: score > 2.7, severity: warning}]
"""


def rows(team: str, first: date, amounts: Floats) -> Iterator[dict[str, Any]]:
    for at, amount in enumerate(amounts):
        if not np.isnan(amount):
            yield {"day": first + timedelta(days=at), "team": team, "cost": Decimal(repr(round(float(amount), 2)))}


def asked(kind: str, spec: str, data: list[dict[str, Any]]) -> dict[str, Finding]:
    found = findings(policy(kind, spec, name="p"), FakeView(data), as_of=AS_OF, freshness=[WHOLE])
    return {finding.group["team"]: finding for finding in found}


@pytest.mark.parametrize("seed", SEEDS)
def test_forecasts_on_day_10_beat_run_rate_and_seasonal_naive_and_intervals_hold(seed: int) -> None:
    random = np.random.default_rng(seed)
    data: list[dict[str, Any]] = []
    months: dict[str, tuple[Floats, Floats]] = {}
    for name, shape in SHAPES.items():
        for nth in range(4):
            shortest, longest = (min(days, 240) for days in shape.history)
            history = int(random.integers(shortest, longest + 1))
            first = ORIGIN - timedelta(days=history - 1)
            values = shape.make(random, first, history + 31)
            data += rows(f"{name} {nth}", first, values[:history])
            months[f"{name} {nth}"] = values[:history], values[history : history + 21]
    found = asked("Budget", FORECAST, data)

    ours, rate, naive, held = [], [], [], []
    for team, (past, rest) in months.items():
        total, truth = float(past[-10:].sum() + rest.sum()), float(rest.sum())
        amount = {name: float(money.amount) for name, money in found[team].amount.items()}
        ours.append(abs(amount["forecast"] - total) / abs(total))
        rate.append(abs(past[-10:].mean() * 21 - truth) / abs(total))
        naive.append(abs(3 * past[-7:].sum() - truth) / abs(total))
        held.append(amount["forecast_low"] <= total <= amount["forecast_high"])
    assert fmean(ours) < 0.7 * fmean(rate)
    assert fmean(ours) < fmean(naive)
    assert 0.62 <= fmean(held) <= 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_spikes_are_found_and_quiet_days_are_left_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    quiet: list[dict[str, Any]] = []
    spiked: list[dict[str, Any]] = []
    for name, scenario in SCENARIOS.items():
        for nth in range(6):
            history = int(random.integers(60, 240))
            first = ORIGIN - timedelta(days=history - 1)
            amounts, lift = scenario.make(random, first, history)
            if np.isnan(amounts[-1]):
                continue
            quiet += rows(f"{name} {nth}", first, amounts)
            amounts[-1] += lift[-1]
            spiked += rows(f"{name} {nth}", first, amounts)

    false = [finding.state == "firing" for finding in asked("Anomaly", ANOMALY, quiet).values()]
    found = [finding.state == "firing" for finding in asked("Anomaly", ANOMALY, spiked).values()]
    assert sum(false) <= 4, "of some 70 group-days"
    assert fmean(found) >= 0.7
