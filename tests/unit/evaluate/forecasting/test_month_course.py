"""A month that runs as the months before it did, and one that does not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from finops.evaluate.forecasting import outlook
from finops.evaluate.forecasting.month_course import ways

Floats = NDArray[np.float64]
FIRST = date(2025, 3, 1)


def usage(seed: int, count: int) -> Floats:
    return np.asarray(100 * np.random.default_rng(seed).normal(1, 0.05, count))


def numbers(count: int) -> NDArray[np.int64]:
    return np.array([(FIRST + timedelta(days=at)).day for at in range(count)])


@pytest.mark.parametrize("day", [5, 10, 20, 25])
@pytest.mark.parametrize("pool_days", [9, 15])
def test_a_pool_that_runs_dry_each_month_is_foreseen(day: int, pool_days: int) -> None:
    """The month's first days cost a tenth."""
    count = 300
    amounts = usage(1, count) * np.where(numbers(count) <= pool_days, 0.1, 1.0)
    origin = int(np.flatnonzero(numbers(count) == day)[-2])
    last = int(np.flatnonzero(numbers(count) == 1)[-1]) if day > 1 else count
    ahead = int(np.flatnonzero(numbers(count)[origin + 1 :] == 1)[0])
    rest = amounts[origin + 1 : origin + 1 + ahead]
    seen = outlook(FIRST, amounts[: origin + 1], count=ahead)
    month = rest.sum() + amounts[origin + 1 - day : origin + 1].sum()

    assert last > origin
    assert abs(seen.total - rest.sum()) < 0.05 * month
    assert abs(seen.total - rest.sum()) <= 2 * seen.reach[-1]


def test_a_step_that_no_month_has_seen_is_left_to_the_level() -> None:
    amounts = usage(2, 260) * np.where(np.arange(260) < 250, 1.0, 2.5)
    seen = outlook(FIRST, amounts, count=20)

    assert ways(FIRST, amounts, 20, 250) is None
    assert seen.total == pytest.approx(20 * 250, rel=0.05)


def test_a_short_history_has_no_other_ways() -> None:
    assert ways(FIRST, usage(3, 60), 20) is None
    assert ways(FIRST, usage(3, 200), 20) is not None


@pytest.mark.parametrize("factor", [0.001, 1000.0])
def test_a_forecast_depends_on_no_unit(factor: float) -> None:
    amounts = usage(4, 200) * np.where(numbers(200) <= 8, 0.2, 1.0)
    plain, scaled = (outlook(FIRST, of, count=20) for of in (amounts, factor * amounts))

    assert scaled.days == pytest.approx(factor * plain.days)
    assert scaled.reach == pytest.approx(factor * plain.reach)


def test_a_season_is_foreseen_from_the_year_before_once_it_can_be_tried() -> None:
    """A shop that sells twice as much in December, on its second Christmas."""
    first, today = date(2024, 12, 1), date(2026, 11, 30)
    days = [first + timedelta(days=at) for at in range((today - first).days)]
    chance = np.random.default_rng(1).normal(1, 0.03, len(days))
    seasons = {12: 2.0, 1: 0.6, 2: 0.7, 6: 1.3, 7: 1.5, 8: 1.4, 9: 1.0, 10: 0.8}
    amounts = 100 * chance * np.array([seasons.get(day.month, 1.0) for day in days])

    known = outlook(first, amounts, count=31).total
    unknown = outlook(first + timedelta(days=len(amounts) - 380), amounts[-380:], count=31).total
    assert known > 5500  # of 6,200
    assert unknown < 4000
