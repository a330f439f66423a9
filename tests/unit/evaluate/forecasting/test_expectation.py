"""What a day is expected to come to: the same alone and among others, and learnt from what the past shows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from finops.evaluate.forecasting.expectation import Expectation, expect, expectations

FIRST = date(2025, 1, 1)


def bill(seed: int, count: int = 200, *, noise: float = 0.1) -> NDArray[np.float64]:
    return np.asarray(400 * (1 + noise * np.random.default_rng(seed).normal(size=count)))


def numbers(one: Expectation) -> tuple[float, complex, complex, int, list[float], float]:
    sides = one.deviation + 1j * one.below, one.row_above + 1j * one.row_below
    return one.expected, *sides, one.days, one.recent.tolist(), one.floor


def test_a_series_is_expected_the_same_to_the_last_bit_whatever_stands_beside_it() -> None:
    holed = bill(3)
    holed[[50, 120]] = np.nan
    stepped = np.where(np.arange(200) < 150, 1.0, 2.0) * bill(4)
    asked = [
        *((FIRST, bill(seed)) for seed in range(2)),
        (FIRST + timedelta(days=9), holed),
        (FIRST, stepped),
        (FIRST, bill(5, 60)),
        (FIRST, np.full(200, 7.0)),
        (FIRST, np.zeros(200)),
    ]
    asked *= 30

    assert [numbers(one) for one in expectations(asked)] == [numbers(expect(*one)) for one in asked[:7]] * 30


def test_a_month_end_that_was_seen_is_expected_whole_and_one_that_was_not_is_not() -> None:
    first, last = date(2025, 9, 1), date(2026, 2, 28)
    days = [first + timedelta(days=at) for at in range((last - first).days)]
    lifted = np.array([1.8 if (day + timedelta(days=2)).month != day.month else 1.0 for day in days])

    assert expect(first, lifted * bill(1, len(days), noise=0.03)).expected == pytest.approx(720, rel=0.05)
    assert expect(first, bill(1, len(days), noise=0.03)).expected == pytest.approx(400, rel=0.03)


@pytest.mark.parametrize("ago", [10, 60, 170])
def test_a_new_level_does_not_widen_what_is_expected_of_it(ago: int) -> None:
    plain = bill(2, 240)
    stepped = np.where(np.arange(240) < 240 - ago, 1.0, 1.6) * plain

    assert expect(FIRST, stepped).expected == pytest.approx(640, rel=0.1)
    assert expect(FIRST, stepped).deviation == pytest.approx(1.6 * expect(FIRST, plain).deviation, rel=0.35)


def test_an_error_that_goes_on_is_expected_to() -> None:
    shocks = np.random.default_rng(6).normal(size=300)
    errors = [0.0]
    for shock in shocks:
        errors.append(0.7 * errors[-1] + 0.05 * shock)
    errors[-1] = 0.15
    alike = 400 * (1 + np.array(errors))

    assert expect(FIRST, alike).expected > 410
    assert expect(FIRST, alike).deviation < 0.9 * float(np.std(alike))
