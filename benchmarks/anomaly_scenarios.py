"""Daily bills for the benchmark of anomalies: what must stay quiet, and a spike that must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.daily_shapes import Random, correlated, weekday

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``mean(random, first, count)``: what each day would cost without noise. ``noise``: a day's standard deviation as
    a share of it; a spike adds four times as much. ``correlation``: of a day's noise with the day before.
    ``credit``: this share of the mean is given back, with noise of its own. ``gaps``: this share of days is missing."""

    mean: Callable[[Random, date, int], Floats]
    noise: float
    correlation: float = 0.0
    credit: float = 0.0
    gaps: float = 0.0

    def make(self, random: Random, first: date, count: int) -> tuple[Floats, Floats]:
        """Amounts of a quiet bill, NaN where missing; and by how much a spike lifts each of its days."""
        mean = self.mean(random, first, count)
        amounts = mean * self._noise(random, count)
        deviation = self.noise * mean
        if self.credit:
            amounts = amounts - self.credit * mean * self._noise(random, count)
            deviation = deviation * np.hypot(1, self.credit)
        return np.where(random.random(count) < self.gaps, np.nan, amounts), 4 * deviation

    def _noise(self, random: Random, count: int) -> Floats:
        """Normal, around 1."""
        return 1 + self.noise * correlated(random, count, self.correlation)


def flat(_random: Random, _first: date, count: int) -> Floats:
    return np.full(count, 400.0)


def weekly(_random: Random, first: date, count: int) -> Floats:
    return 400 * weekday(first, count)


def stepped(random: Random, first: date, count: int) -> Floats:
    """A new level somewhere in the middle: its first days are an anomaly, the others are not."""
    at = count // 2 + int(random.integers(-15, 15))
    return np.where(np.arange(count) < at, 1, 1.6) * weekly(random, first, count)


def growing(random: Random, first: date, count: int) -> Floats:
    return np.exp(0.03 / 30 * np.arange(count)) * weekly(random, first, count)


def month_ends(random: Random, first: date, count: int) -> Floats:
    days = [first + timedelta(days=at) for at in range(count)]
    closing = np.array([1.6 if (day + timedelta(days=2)).month != day.month or day.day == 1 else 1 for day in days])
    return closing * weekly(random, first, count)


SCENARIOS: Mapping[str, Scenario] = {
    "noise 5 %": Scenario(flat, 0.05),
    "noise 10 %": Scenario(flat, 0.1),
    "noise 20 %": Scenario(flat, 0.2),
    "weekdays, 5 %": Scenario(weekly, 0.05),
    "weekdays, 10 %": Scenario(weekly, 0.1),
    "weekdays, 20 %": Scenario(weekly, 0.2),
    "autocorrelated 0.6": Scenario(weekly, 0.1, correlation=0.6),
    "a level shift": Scenario(stepped, 0.1),
    "growth 3 % a month": Scenario(growing, 0.1),
    "month ends": Scenario(month_ends, 0.1),
    "credits": Scenario(weekly, 0.1, credit=0.5),
    "missing days": Scenario(weekly, 0.1, gaps=0.05),
}
