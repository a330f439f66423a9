"""How often savings are recovered within their interval, and how often one is credited that is none.

    python -m benchmarks.savings [--draws 100] [--seed 1]

Each draw is a history of its own: a fixed part of nothing to 60 %, demand that grows by nothing to 100 % a year with
weekends and noise, noise of cost of 2 to 8 % that lasts from day to day (autocorrelation 0 to 0.7), 60 to 91 days
before, 14 to 90 after. Families add a monthly fee, or weekends without any use. Prints Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from benchmarks.cost_and_demand import autocorrelated
from finops.app.savings.measure import spread_over_months
from finops.evaluate.statistics.counterfactual import counterfactual
from finops.evaluate.statistics.weeks import Days

_SAVED = (0.0, 0.05, 0.1, 0.3)


def _history(rng: np.random.Generator, family: str, saved: float) -> tuple[Days, Days, float]:
    before, after = int(rng.integers(60, 92)), int(rng.integers(14, 91))
    count = before + after
    first = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
    days = tuple(first + timedelta(days=place) for place in range(count))
    weekend = 0.0 if family == "no weekends" else rng.uniform(0.4, 1.0)
    demand = 1000 * (1 + rng.uniform(0, 1) * np.arange(count) / 365)
    demand *= np.array([weekend if day.weekday() > 4 else 1.0 for day in days]) * np.exp(0.05 * rng.normal(size=count))
    fixed = 0.0 if family in {"proportional", "no weekends"} else rng.uniform(0, 0.6)
    usual = fixed * 1000 + (1 - fixed) * demand
    size, lasts = rng.uniform(0.02, 0.08), rng.uniform(0, 0.7)
    cost = usual * np.exp(size * autocorrelated(rng, count, lasts) - size**2 / 2)
    fee = np.array([3000.0 if family == "monthly fee" and day.day == 1 else 0.0 for day in days])
    cost[before:] *= 1 - saved
    known = spread_over_months(first, cost + fee)
    truth = float(usual[before:].sum()) * saved
    return (
        Days(days[:before], known[:before], demand[:before]),
        Days(days[before:], known[before:], demand[before:]),
        truth,
    )


def _row(family: str, saved: float, draws: int, seed: int) -> tuple[int, int, int, float]:
    """Measured, within the interval, credited, and the median half width as a share of the cost."""
    held = credited = measured = 0
    widths = []
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw, round(saved * 100), len(family)])
        before, after, truth = _history(rng, family, saved)
        found = counterfactual(before, after, after.days[0])
        if found is None or found.moved is not None:
            continue
        measured += 1
        every = np.ones(len(after.days), dtype=bool)
        one = found.saved(every)
        held += one.low <= truth <= one.high
        credited += one.certain
        widths.append((one.high - one.low) / 2 / float(found.expected.sum()))
    return measured, held, credited, float(np.median(widths))


def main(show: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    show(f"{options.draws} draws each, seed {options.seed}\n")
    show("| family | saved | measured | within the 90 % interval | credited | half width, of the cost |")
    show("|---|---|---|---|---|---|")
    for family in ("fixed part", "proportional", "monthly fee", "no weekends"):
        for saved in _SAVED:
            measured, held, credited, width = _row(family, saved, options.draws, options.seed)
            show(
                f"| {family} | {saved:.0%} | {measured} | {100 * held / measured:.0f} % | "
                f"{100 * credited / measured:.0f} % | {width:.1%} |"
            )


if __name__ == "__main__":
    main()
