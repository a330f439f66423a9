"""Public holidays count where a series' own past ones were unlike their weekdays, and nowhere else."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from finops.evaluate.forecasting import outlook
from finops.evaluate.forecasting.expectation import expectations
from finops.evaluate.forecasting.rows import Floats
from finops.model.calendar import Calendar

OFF = Calendar("DE", "BY").around(date(2026, 5, 1))
GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)
FIRST = GOOD_FRIDAY - timedelta(days=399)


def bill(count: int, holiday: float, *, weekend: float = 0.5, noise: float = 0.03) -> Floats:
    """``holiday``: what a public holiday costs, as a share of a weekday."""
    days = [FIRST + timedelta(days=at) for at in range(count)]
    shape = [weekend if day.weekday() > 4 else holiday if day in OFF else 1.0 for day in days]
    return np.asarray(400 * np.array(shape) * (1 + noise * np.random.default_rng(1).normal(size=count)))


@pytest.mark.parametrize("holiday", [0.1, 0.5, 0.75, 1.4])
def test_holidays_are_foreseen_and_expected_as_the_past_ones_were(holiday: float) -> None:
    whole = bill(420, holiday)
    until = (GOOD_FRIDAY - FIRST).days
    [expected] = expectations([(FIRST, whole[:until])], OFF)
    seen = outlook(FIRST, whole[:until], count=20, off=OFF)

    assert expected.expected == pytest.approx(400 * holiday, rel=0.05)
    assert seen.days[(EASTER_MONDAY - GOOD_FRIDAY).days] == pytest.approx(400 * holiday, rel=0.05)
    assert seen.days[4] == pytest.approx(400, rel=0.05)


@pytest.mark.parametrize("history_days", [399, 60])
def test_a_series_that_knows_no_holidays_is_judged_as_without_a_calendar(history_days: int) -> None:
    """It works on them, or is too young to tell."""
    whole = bill(399, 1.0 if history_days == 399 else 0.5)
    first, past = FIRST + timedelta(days=399 - history_days), whole[-history_days:]

    assert [one.expected for one in expectations([(first, past)], OFF)] == [
        one.expected for one in expectations([(first, past)])
    ]
    assert outlook(first, past, count=20, off=OFF).days.tolist() == outlook(first, past, count=20).days.tolist()


def test_rows_with_holidays_of_their_own_do_not_change_their_neighbours() -> None:
    resting, working = bill(399, 0.4), bill(399, 1.0)
    alone = [expectations([(FIRST, one)], OFF)[0].expected for one in (resting, working)]
    together = [one.expected for one in expectations([(FIRST, resting), (FIRST, working)], OFF)]

    assert together == alone
