"""Charges that come again: found by amount and day, whatever the bill around them, and nothing else taken for one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finops.evaluate.forecasting import outlook
from finops.evaluate.forecasting.expectation import expect
from finops.evaluate.forecasting.recurring import Charge, all_recurring, recurring

Floats = NDArray[np.float64]
FIRST = date(2025, 3, 5)


def usage(seed: int, count: int, *, noise: float = 0.05, weekend: float = 0.7) -> Floats:
    week = np.array([1, 1, 1, 1, 1, weekend, weekend])[(np.arange(count) + FIRST.weekday()) % 7]
    return np.asarray(100 * week * np.random.default_rng(seed).normal(1, noise, count))


def charge(day: int, *, phase: int = 0) -> Charge:
    return Charge(day, FIRST + timedelta(days=phase), 0.0, 0.0, 0)


@settings(max_examples=40, deadline=None)
@given(
    day=st.sampled_from([1, 2, 9, 15, 23, 28, 30, 31]),
    size=st.floats(3, 60),
    sign=st.sampled_from([1, -1]),
    months=st.integers(3, 12),
    seed=st.integers(0, 999),
)
def test_a_monthly_charge_is_found_with_its_day_and_amount(
    day: int, size: float, sign: int, months: int, seed: int
) -> None:
    count = 31 * months + 1
    due = charge(day).due(FIRST, count)
    amounts = usage(seed, count) + sign * 100 * size * due
    found = recurring(FIRST, amounts)

    ahead, variance = found.ahead(FIRST + timedelta(days=count), 40)
    due_ahead = charge(day).due(FIRST + timedelta(days=count), 40)
    assert ((ahead != 0) == due_ahead).all(), "due on its days and on no other"
    assert ahead[due_ahead] == pytest.approx(sign * 100 * size, abs=40)
    assert (np.sqrt(variance[due_ahead]) < 0.3 * 100 * size).all()
    assert (found.days == due).all()


@settings(max_examples=20, deadline=None)
@given(phase=st.integers(0, 13), sign=st.sampled_from([1, -1]), seed=st.integers(0, 999))
def test_a_charge_every_two_weeks_is_found(phase: int, sign: int, seed: int) -> None:
    amounts = usage(seed, 120) + sign * 800 * charge(0, phase=phase).due(FIRST, 120)
    (found,) = recurring(FIRST, amounts).charges

    assert found.text == "every two weeks"
    assert (found.due(FIRST, 120) == charge(0, phase=phase).due(FIRST, 120)).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), count=st.integers(30, 390), noise=st.floats(0, 0.3), weekend=st.floats(0, 2))
def test_a_bill_without_charges_has_none(seed: int, count: int, noise: float, weekend: float) -> None:
    assert not recurring(FIRST, usage(seed, count, noise=noise, weekend=weekend)).days.any()


@settings(max_examples=20, deadline=None)
@given(factor=st.floats(0.001, 1000), seed=st.integers(0, 99), day=st.sampled_from([1, 15, 31]))
def test_it_depends_on_no_unit_and_on_no_series_beside_it(factor: float, seed: int, day: int) -> None:
    amounts = usage(seed, 150) + 900 * charge(day).due(FIRST, 150)
    one, again, _ = all_recurring([FIRST] * 3, np.array([amounts, factor * amounts, usage(seed + 1, 150)]))

    assert (one.days == again.days).all()
    assert again.amounts == pytest.approx(factor * one.amounts)
    assert recurring(FIRST, amounts).charges == one.charges


def test_a_charge_that_did_not_come_again_has_ended_and_one_that_changed_counts_as_it_is_now() -> None:
    due = charge(15).due(FIRST, 300)
    nth = np.cumsum(due)
    ended = recurring(FIRST, usage(1, 300) + 2000 * due * (nth < 8))
    changed = recurring(FIRST, usage(1, 300) + np.where(nth < 7, 2000, 5000) * due)

    assert not ended.charges
    assert np.count_nonzero(ended.days) == 7
    assert [round(one.amount, -2) for one in changed.charges] == [5000]
    assert np.count_nonzero(changed.days) == np.count_nonzero(due)


def test_jobs_on_any_day_and_the_close_of_a_month_are_no_charges() -> None:
    random = np.random.default_rng(5)
    jobs = np.where(random.random(300) < 0.15, 500 * random.lognormal(0, 0.5, 300), 0.0)
    close = np.array(
        [(FIRST + timedelta(days=at + 3)).month != (FIRST + timedelta(days=at)).month for at in range(300)]
    )

    assert not recurring(FIRST, jobs).days.any()
    assert not recurring(FIRST, usage(3, 300) * np.where(close, 1.6, 1.0)).charges


@pytest.mark.parametrize("day", [1, 15, 31])
@pytest.mark.parametrize("amount", [3000.0, -3000.0])
def test_a_known_charge_is_expected_on_its_day_and_changes_no_other(day: int, amount: float) -> None:
    plain = usage(2, 250)
    due = charge(day).due(FIRST, 250)
    on = int(np.flatnonzero(due)[-1])
    charged = plain + amount * due

    assert expect(FIRST, charged[:on]).expected == pytest.approx(expect(FIRST, plain[:on]).expected + amount, abs=25)
    for at in (on + 1, on + 2, on - 1):
        seen, without = expect(FIRST, charged[:at]), expect(FIRST, plain[:at])
        assert seen.expected == pytest.approx(without.expected, rel=0.06)
        assert seen.deviation == pytest.approx(without.deviation, rel=0.3)
    ahead, bare = outlook(FIRST, charged[: on + 1], count=40), outlook(FIRST, plain[: on + 1], count=40)
    times = np.count_nonzero(charge(day).due(ahead.first, 40))
    assert ahead.total == pytest.approx(bare.total + times * amount, abs=150)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0.05, 0.6), spike=st.floats(1, 50))
def test_usage_is_never_expected_below_zero(seed: int, share: float, spike: float) -> None:
    random = np.random.default_rng(seed)
    amounts = np.where(random.random(90) < share, 100 * random.lognormal(0, 0.5, 90), 0.0)
    amounts[-1] *= spike

    assert expect(FIRST, amounts).expected >= 0
    assert (outlook(FIRST, amounts, count=30).days >= -1e-9).all()
