"""What the usual regressions say about the same histories: peers of benchmarks/elasticity.

``python -m benchmarks.regressions [--windows 400] [--seed 1]`` prints the second table. Each regresses ln cost on
ln demand over the same window, with errors robust to autocorrelation (Newey and West 1987) and a 90 % interval by t.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import timedelta

import numpy as np
import statsmodels.api as sm

from benchmarks.cost_and_demand import Floats, History, Scenario, history
from benchmarks.elasticity import PLAIN, SCENARIOS, measure

LAGS = {"days": 7, "weeks": 2}
COMPARED = (
    "10% noise, elasticity 1.0",
    "10% noise, elasticity 1.5",
    "10% noise, autocorrelation 0.7",
    "demand noisy too (10 %), cost does not, 1.5",
    "both 20 %, autocorrelation 0.5",
    "a week that cost does not follow",
    "capacity in steps of 10%, elasticity 1.5",
    "cost alone steps by 20 %, 10 % noise",
)


def daily(made: History, window: int) -> tuple[float, float, float]:
    """Estimate, low, high."""
    days = [day for day in sorted(made.cost) if made.last - timedelta(days=window) < day <= made.last]
    cost, demand = (np.array([float(values[day]) for day in days]) for values in (made.cost, made.demand))
    return _regression(cost, demand, LAGS["days"])


def weekly(made: History, window: int) -> tuple[float, float, float]:
    """Over sums of the whole weeks of the window."""
    last = [made.last - timedelta(days=age) for age in range(window // 7 * 7 - 1, -1, -1)]
    cost, demand = (
        np.array([float(values[day]) for day in last]).reshape(-1, 7).sum(axis=1) for values in (made.cost, made.demand)
    )
    return _regression(cost, demand, LAGS["weeks"])


WAYS: Mapping[str, Callable[[History, int], tuple[float, float, float]]] = {"days": daily, "week sums": weekly}


def _regression(cost: Floats, demand: Floats, lags: int) -> tuple[float, float, float]:
    model = sm.OLS(np.log(cost), sm.add_constant(np.log(demand)))
    fitted = model.fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    low, high = fitted.conf_int(alpha=0.1)[1]
    return float(fitted.params[1]), float(low), float(high)


def shares(
    scenario: Scenario, way: Callable[[History, int], tuple[float, float, float]], windows: int, seed: int
) -> str:
    made = [history(scenario, seed * 1_000_003 + number) for number in range(windows)]
    found = [way(one, scenario.days) for one in made]
    held = np.mean([low <= scenario.elasticity <= high for _, low, high in found])
    fired = np.mean([low > 1 for _, low, _ in found])
    middle = np.median([estimate for estimate, _, _ in found])
    return f"{middle:.2f} | {held:.1%} | {fired:.1%}"


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=400, help="histories of each kind")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    scenarios = {scenario.name: scenario for scenario in (PLAIN, *SCENARIOS)}
    say("| scenario | days: median | held | fires on > 1 | week sums: median | held | fires | finops: held | fires |")
    say("|---|---|---|---|---|---|---|---|---|")
    for name in COMPARED:
        cells = [shares(scenarios[name], way, arguments.windows, arguments.seed) for way in WAYS.values()]
        ours = measure(scenarios[name], arguments.windows, arguments.seed)
        say(f"| {name} | {' | '.join(cells)} | {ours.held:.1%} | {ours.fired:.1%} |")


if __name__ == "__main__":
    main()
