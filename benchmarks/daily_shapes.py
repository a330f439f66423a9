"""Daily bills as they really move, made up with a seed: the truth behind the benchmarks of forecasts and anomalies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Random = np.random.Generator

WEEK = np.array([1.08, 1.1, 1.1, 1.07, 1.02, 0.8, 0.83])


@dataclass(frozen=True, slots=True)
class Shape:
    """``make(random, first, count)``: amounts of ``count`` days from ``first``. ``history``: days before the origin,
    drawn between these two."""

    make: Callable[[Random, date, int], Floats]
    history: tuple[int, int] = (90, 400)


def correlated(random: Random, count: int, correlation: float) -> Floats:
    """Normal with standard deviation 1, each day correlated with the one before."""
    steps = random.normal(0, np.sqrt(1 - correlation**2), count)
    values = np.empty(count)
    last = random.normal()
    for at in range(count):
        last = correlation * last + steps[at]
        values[at] = last
    return values


def noise(random: Random, count: int, size: float, *, correlation: float = 0.0) -> Floats:
    """Multiplies: log-normal with mean 1 and standard deviation about ``size``."""
    return np.exp(size * correlated(random, count, correlation) - size**2 / 2)


def weekday(first: date, count: int) -> Floats:
    return WEEK[(np.arange(count) + first.weekday()) % 7]


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=i) for i in range(count)]


def _size(random: Random) -> float:
    return float(random.choice([0.05, 0.1, 0.2]))


def steady(random: Random, _first: date, count: int) -> Floats:
    return 400 * noise(random, count, _size(random))


def weekly(random: Random, first: date, count: int) -> Floats:
    return 400 * weekday(first, count) * noise(random, count, _size(random))


def linear(random: Random, first: date, count: int) -> Floats:
    growth = 1 + random.uniform(0.02, 0.06) / 30 * np.arange(count)
    return 300 * growth * weekday(first, count) * noise(random, count, 0.07)


def ramp(random: Random, first: date, count: int) -> Floats:
    """Compound growth that began some weeks before the origin and goes on."""
    began = count - 31 - random.integers(20, 60)
    steps = np.maximum(np.arange(count) - began, 0)
    return 300 * np.exp(random.uniform(0.006, 0.02) * steps) * weekday(first, count) * noise(random, count, 0.07)


def month_end(random: Random, first: date, count: int) -> Floats:
    lift = random.uniform(1.4, 2.2)
    closing = np.array([lift if (day + timedelta(days=3)).month != day.month else 1 for day in _days(first, count)])
    return 400 * closing * weekday(first, count) * noise(random, count, 0.08)


def month_start(random: Random, first: date, count: int) -> Floats:
    lift = random.uniform(1.5, 3)
    opening = np.array([lift if day.day <= 2 else 1 for day in _days(first, count)])
    return 400 * opening * weekday(first, count) * noise(random, count, 0.08)


def _shift(random: Random, first: date, count: int, factor: float) -> Floats:
    at = count - 31 - random.integers(4, 30)
    return 400 * np.where(np.arange(count) < at, 1, factor) * weekday(first, count) * noise(random, count, 0.08)


def shift_up(random: Random, first: date, count: int) -> Floats:
    return _shift(random, first, count, random.uniform(1.4, 2.5))


def shift_down(random: Random, first: date, count: int) -> Floats:
    return _shift(random, first, count, random.uniform(0.4, 0.7))


def bursts(random: Random, first: date, count: int) -> Floats:
    spikes = 1 + (random.random(count) < 0.04) * random.uniform(1, 5, count)
    return 400 * spikes * weekday(first, count) * noise(random, count, 0.08)


def autocorrelated(random: Random, first: date, count: int) -> Floats:
    return 400 * weekday(first, count) * noise(random, count, 0.12, correlation=0.8)


def wandering(random: Random, first: date, count: int) -> Floats:
    walk = np.exp(np.cumsum(random.normal(0, 0.02, count)))
    return 400 * walk * weekday(first, count) * noise(random, count, 0.05)


def weekly_job(random: Random, first: date, count: int) -> Floats:
    on = (np.arange(count) + first.weekday()) % 7 == 2
    return np.where(on, 900, 60) * noise(random, count, 0.1)


def credited(random: Random, first: date, count: int) -> Floats:
    """A credit takes most of each day's cost away, and on some days more than that."""
    return 100 * weekday(first, count) * noise(random, count, 0.15) - 60 * noise(random, count, 0.3)


def yearly(random: Random, first: date, count: int) -> Floats:
    year = 1 + 0.25 * np.sin(2 * np.pi * (first.toordinal() + np.arange(count)) / 365.25)
    return 400 * year * weekday(first, count) * noise(random, count, 0.08)


SHAPES: Mapping[str, Shape] = {
    "steady": Shape(steady),
    "weekly": Shape(weekly),
    "linear growth": Shape(linear),
    "compound ramp": Shape(ramp),
    "month end": Shape(month_end),
    "month start": Shape(month_start),
    "level shift up": Shape(shift_up),
    "level shift down": Shape(shift_down),
    "bursts": Shape(bursts),
    "autocorrelated": Shape(autocorrelated),
    "random walk": Shape(wandering),
    "weekly job": Shape(weekly_job),
    "credits": Shape(credited),
    "yearly season": Shape(yearly, (300, 1095)),
    "new service": Shape(weekly, (14, 35)),
    "new and growing": Shape(linear, (14, 45)),
}
