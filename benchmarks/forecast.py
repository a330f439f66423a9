"""Forecasts of a month's end: ours beside run rate, seasonal naive, and two models of statsmodels.

    python -m benchmarks.forecast [--cases 60] [--peers 12] [--days 10] [--seed 20261124] [--no-public]

For each shape: bills with random starts and lengths of history, looked at on a day of a month; the error is that of the
month's total as a share of it. The peers of statsmodels see the same first cases. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from benchmarks.daily_public import public_series
from benchmarks.daily_shapes import SHAPES, Shape
from finops.evaluate.forecasting import outlook
from finops.evaluate.forecasting.foresee import LOOKED_AT_DAYS
from finops.model.calendar import Calendar

Floats = NDArray[np.float64]
Way = Callable[["Case"], float]


@dataclass(frozen=True, slots=True)
class Case:
    """``past``: every day up to the day of the month that is ``day``; ``rest``: the month's other days."""

    first: date
    past: Floats
    rest: Floats
    day: int

    @property
    def total(self) -> float:
        return float(self.past[-self.day :].sum() + self.rest.sum())


def made(random: np.random.Generator, shape: Shape, day: int) -> Case:
    history = int(random.integers(shape.history[0], shape.history[1] + 1))
    origin = date(2025 + int(random.integers(0, 2)), int(random.integers(1, 13)), day)
    return case_of(origin, shape.make(random, origin - timedelta(days=history - 1), history + 31), history)


def case_of(origin: date, values: Floats, history: int) -> Case:
    ahead = ((origin.replace(day=28) + timedelta(days=4)).replace(day=1) - origin).days - 1
    first = origin - timedelta(days=history - 1)
    return Case(first, values[:history], values[history : history + ahead], origin.day)


def real(first: date, values: Floats, day: int) -> Iterator[Case]:
    """One case a month that lies whole behind 60 days of history; of history 640 days."""
    end = first + timedelta(days=len(values))
    months = sorted({(first + timedelta(days=at)).replace(day=day) for at in range(0, len(values), 28)})
    for origin in months:
        known = (origin - first).days + 1
        if known >= 60 and origin + timedelta(days=31) < end:
            history = min(known, LOOKED_AT_DAYS)
            yield case_of(origin, values[known - history : known + 31], history)


def run_rate(case: Case) -> float:
    return float(case.past[-case.day :].mean() * len(case.rest))


def seasonal_naive(case: Case) -> float:
    return float(np.resize(case.past[-7:], len(case.rest)).sum())


def ets(case: Case) -> float:
    """Additive errors, a damped trend, additive weekdays."""
    model = ETSModel(case.past, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=7)
    return float(np.sum(model.fit(disp=False).forecast(len(case.rest))))


def theta(case: Case) -> float:
    fitted = ThetaModel(case.past, period=7, method="additive").fit()
    return float(np.sum(fitted.forecast(len(case.rest))))


SIMPLE: Mapping[str, Way] = {"run rate": run_rate, "seasonal naive": seasonal_naive}
LIBRARY: Mapping[str, Way] = {"ETS": ets, "Theta": theta}
OURS_AGAIN = "finops, first cases"
"""What stands beside the peers, who see only the first cases: they are slow."""


@dataclass(frozen=True, slots=True)
class Line:
    """Mean errors as shares of the month; ``covered``: how often the 80 % interval held the truth; ``wide``: its mean
    width as a share."""

    errors: Mapping[str, float]
    covered: float
    wide: float
    cases: int


def measure(cases: list[Case], peers: int) -> Line:
    errors: dict[str, list[float]] = {"finops": [], **{name: [] for name in (*SIMPLE, OURS_AGAIN, *LIBRARY)}}
    covered, wide = [], []
    for number, case in enumerate(cases):
        seen = outlook(case.first, case.past, count=len(case.rest))
        truth, total = float(case.rest.sum()), abs(case.total)
        covered.append(abs(seen.total - truth) <= seen.reach[-1])
        wide.append(2 * float(seen.reach[-1]) / total)
        errors["finops"].append(abs(seen.total - truth) / total)
        if number < peers:
            errors[OURS_AGAIN].append(errors["finops"][-1])
        for name, way in {**SIMPLE, **(LIBRARY if number < peers else {})}.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # peers warn where they do not converge; their number counts as it is
                errors[name].append(abs(way(case) - truth) / total)
    means = {name: statistics.fmean(values) for name, values in errors.items() if values}
    return Line(means, statistics.fmean(covered), statistics.fmean(wide), len(cases))


def table(lines: Mapping[str, Line]) -> Iterator[str]:
    names = list(next(iter(lines.values())).errors)
    yield f"| series | cases | {' | '.join(names)} | 80 % interval held | its width |"
    yield "|---" * (len(names) + 4) + "|"
    for name, line in lines.items():
        errors = " | ".join(f"{100 * line.errors[way]:.2f}" for way in names)
        yield f"| {name} | {line.cases} | {errors} | {100 * line.covered:.0f} % | {100 * line.wide:.1f} % |"
    means = {way: statistics.fmean(line.errors[way] for line in lines.values()) for way in names}
    held = statistics.fmean(line.covered for line in lines.values())
    errors = " | ".join(f"**{100 * means[way]:.2f}**" for way in names)
    yield f"| **mean** | | {errors} | **{100 * held:.0f} %** | |"


def speed() -> str:
    """1,000 series as an evaluation would ask for them, with the public holidays of a calendar."""
    random = np.random.default_rng(1)
    first = date(2025, 1, 1)
    series = [SHAPES["weekly"].make(random, first, LOOKED_AT_DAYS) for _ in range(1000)]
    off = Calendar("DE", "BY").around(first)
    start, processor = time.perf_counter(), time.process_time()
    for one in series:
        outlook(first, one, count=20, off=off)
    took = f"{time.perf_counter() - start:.1f} s, {time.process_time() - processor:.1f} s of processor time"
    return f"1,000 series of {LOOKED_AT_DAYS} days with a calendar: {took}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--peers", type=int, default=12)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--no-public", action="store_true")
    asked = parser.parse_args()
    lines = {}
    for name, shape in SHAPES.items():
        random = np.random.default_rng([asked.seed, *name.encode()])
        lines[name] = measure([made(random, shape, asked.days) for _ in range(asked.cases)], asked.peers)
    print("\n".join(table(lines)), "\n")
    if not asked.no_public:
        public = {one.name: list(real(one.first, one.values, asked.days)) for one in public_series()}
        print("\n".join(table({name: measure(cases, asked.peers) for name, cases in public.items()})), "\n")
    print(speed())


if __name__ == "__main__":
    main()
