"""Ranges that hold as often as promised: heavy tails, and cost that comes on some days only."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from finops.evaluate.forecasting.calibration import FALSE_ALARMS, tails
from finops.evaluate.forecasting.expectation import CALIBRATED, expect
from finops.evaluate.forecasting.two_part import sparse, two_part

FIRST = date(2025, 3, 5)


@pytest.mark.parametrize("count", [60, 150, 390])
@pytest.mark.parametrize("freedom", [3, 30])
def test_new_errors_exceed_the_tail_as_seldom_as_promised(count: int, freedom: int) -> None:
    random = np.random.default_rng([count, freedom])
    errors = random.standard_t(freedom, (300, count))
    exceeded = random.standard_t(freedom, (300, 50)) > tails(errors, np.ones(errors.shape, dtype=bool))[:, np.newaxis]

    assert exceeded.mean() < 3 * FALSE_ALARMS, "of 60 errors with tails of Student's t with 3, 11 in 1,000 exceed it"
    assert exceeded.mean() > FALSE_ALARMS / 8, "a range that is never left finds nothing"


def test_a_tail_depends_on_no_order_and_no_unit_and_one_incident_in_a_year_does_not_set_it() -> None:
    random = np.random.default_rng(4)
    errors = random.normal(size=(1, 360))
    known = np.ones(errors.shape, dtype=bool)
    plain = tails(errors, known)

    assert tails(errors[:, ::-1], known) == pytest.approx(plain)
    assert tails(7 * errors, known) == pytest.approx(7 * plain)
    errors[0, 200] = 500
    assert tails(errors, known) == pytest.approx(plain, rel=0.1)
    assert tails(errors, ~known) == 0


def test_days_with_a_job_are_told_by_their_rate_and_size() -> None:
    random = np.random.default_rng(7)
    amounts = np.where(random.random(200) < 0.15, 100 * random.lognormal(0, 0.4, 200), 0.0)
    seen = two_part(FIRST, amounts)

    assert sparse(amounts)
    assert seen is not None
    assert seen.chance == pytest.approx(0.15, abs=0.06)
    assert seen.low == 0
    assert 200 < seen.high < 500
    expected = expect(FIRST, amounts)
    assert expected.expected + CALIBRATED * expected.deviation == pytest.approx(seen.high)


def test_weekdays_that_never_cost_anything_expect_nothing() -> None:
    weekend = (np.arange(210) + FIRST.weekday()) % 7 >= 5
    amounts = np.where(weekend, np.random.default_rng(1).normal(100, 8, 210), 0.0)
    ahead = [two_part(FIRST, amounts[: 203 + at]) for at in range(7)]
    means = [one.mean for one in ahead if one is not None]
    on = [bool(flag) for flag in weekend[203:210]]

    assert [mean > 80 for mean in means] == on
    assert [mean < 3 for mean in means] == [not flag for flag in on]
