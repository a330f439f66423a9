"""Growth and UnitCost on days when something happens: a step is a change and noise is not, whatever the levels, the
weekdays and the day on which the window ends. ``benchmarks/verdicts.py`` says how often; here a few draws of each."""

from __future__ import annotations

from typing import get_args

import pytest

from benchmarks.elasticity import facts_of
from benchmarks.verdict_families import FAMILIES, Family, Kind
from benchmarks.verdicts import delays, rule

DRAWS = 2
OFTEN = [("Growth", "efficiency wanders 1 % a day")]
"""Wrong too often for a few draws to say anything; the benchmark counts."""


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        pytest.param(kind, family, id=f"{kind}, {family.name}")
        for kind in get_args(Kind)
        for family in FAMILIES
        if family.should(kind) is not None and (kind, family.name) not in OFTEN
    ],
)
def test_what_changes_fires_and_what_is_noise_stays_quiet(kind: Kind, family: Family) -> None:
    should = family.should(kind)
    states = {rule(kind).judge(facts_of(family.draw(kind, 7_000 + number))).state for number in range(DRAWS)}

    assert states == {"firing" if should else "ok"}


@pytest.mark.parametrize(("times", "most"), [(1.3, 7), (1.67, 5), (2.5, 3)])
def test_a_lasting_step_fires_within_days_of_when_arithmetic_says_so(times: float, most: int) -> None:
    assert sorted(delays("UnitCost", times, 3, seed=70))[1] <= most
