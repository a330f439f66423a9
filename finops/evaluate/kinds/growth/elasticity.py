"""Elasticity of one window, as a reading with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp

from finops.deferred import numpy as np
from finops.evaluate.forecasting.history import as_decimal
from finops.evaluate.judgement.group_data import Unknowable
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.statistics.level_shift import Step, step_in
from finops.evaluate.statistics.long_run import FEWEST_WEEKS, LongRun, long_run
from finops.evaluate.statistics.student import t90
from finops.evaluate.statistics.weeks import Weeks
from finops.model.period import Period
from finops.model.wording import amount_text, change_text, count_text, growth_text

HARMLESS, TWICE = 0.0, 2.0
"""An interval that reaches from below the first to above the second says nothing about growth."""


@dataclass(frozen=True, slots=True)
class Elasticity:
    """``apart``: the same with ``step`` told apart from the trend, where cost stepped and demand did not."""

    weeks: Weeks
    demand: str
    currency: str
    whole: LongRun
    step: Step | None
    apart: LongRun | None

    @property
    def reading(self) -> Reading:
        """Unknown where the numbers cannot say it; another measure may then speak for the verdict."""
        if not self.whole.demand_moved:
            return _cannot(
                f"demand '{self.demand}' moved {self._demand_growth()} in {self._days}, no more than its own noise: "
                "no elasticity; excess_growth says whether cost grew"
            )
        if self.whole.demand_slope < 0:
            return _cannot(
                f"demand '{self.demand}' fell: {self._trends()}. Elasticity is a claim about growing demand; "
                f"{'cost rose all the same, and ' if self.whole.cost_slope > 0 else ''}"
                "excess_growth says whether cost grew beyond demand"
            )
        interval = self.interval
        if interval is None:
            return _cannot(
                f"{self._step_text()}; the days before and after it are too few to tell a trend from it: "
                "no elasticity; excess_growth counts the step"
            )
        low, high = interval
        if low < HARMLESS and high > TWICE:
            return _cannot(
                f"elasticity could be anything from {low:.2f} to {high:.2f}: demand moved too little, or cost is too "
                "noisy; excess_growth says whether cost grew"
            )
        return Reading.estimate(self.whole.estimate, low, high, detail=self._trends())

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 90 % interval; with a step, from the lower end to the upper end of both ways to look at it."""
        ends = [one.interval for one in (self.whole, self.apart) if one is not None]
        if self.step is not None and self.apart is None:
            return None
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            return None
        return min(low for low, _ in known), max(high for _, high in known)

    @property
    def notes(self) -> list[str]:
        notes = []
        if self.step is not None:
            told = f"{self._step_text()}; the interval holds elasticity with that step and apart from it"
            notes.append(told + (f" ({self.apart.estimate:.2f})" if self.apart is not None else ""))
        reading = self.reading
        if not reading.unknown and reading.high is not None and self.whole.estimate >= HARMLESS and reading.high < 1:
            fixed = 1 - self.whole.estimate
            notes.append(
                f"elasticity below 1 is economy of scale: as if {fixed:.0%} of the cost were fixed and only the rest "
                "followed demand"
            )
        return notes

    def lines(self) -> list[str]:
        """The arithmetic as a person would write it down."""
        run = self.whole
        t = t90(run.freedom)
        interval = run.interval
        lines = [
            (
                f"trend of ln cost: {run.cost_slope:+.6f} a week ({growth_text(exp(run.cost_slope) - 1)}), "
                f"standard error {run.cost_error:.6f}"
            ),
            (
                f"trend of ln demand: {run.demand_slope:+.6f} a week ({growth_text(exp(run.demand_slope) - 1)}), "
                f"standard error {run.demand_error:.6f}, covariance {run.mixed_error:.3e}"
            ),
            (
                f"a day's deviation is like the day's before it by {run.rho:.2f}; "
                f"{run.freedom} degrees of freedom, t = {t:.6f}"
            ),
            f"elasticity = {run.cost_slope:.6f} ÷ {run.demand_slope:.6f} = {run.estimate:.6f}",
            f"90 % interval (Fieller): {interval[0]:.6f} to {interval[1]:.6f}" if interval else "no finite interval",
        ]
        if self.step is not None:
            lines.append(self._step_text())
            apart = self.apart.interval if self.apart is not None else None
            told = f"{self.apart.estimate:.6f}, {apart[0]:.6f} to {apart[1]:.6f}" if self.apart and apart else "unknown"
            lines.append(f"apart from the step: {told}; both together make the interval")
        reading = self.reading
        return [*lines, f"elasticity unknown: {reading.unknown}"] if reading.unknown else lines

    def _step_text(self) -> str:
        if self.step is None:
            return "cost and demand are too noisy to tell a trend"
        return f"about {self.step.day} cost left its trend by {growth_text(self.step.size)}, and demand did not"

    def _demand_growth(self) -> str:
        return growth_text(exp(self.whole.demand_slope * self._span) - 1)

    def _trends(self) -> str:
        first, last = map(as_decimal, self._ends())
        cost = growth_text(exp(self.whole.cost_slope * self._span) - 1)
        return (
            f"in {self._days} cost moved {cost} along its trend, from {amount_text(first, self.currency)} to "
            f"{amount_text(last, self.currency)} a week ({change_text(last - first, self.currency)}), "
            f"and demand {self._demand_growth()}"
        )

    def _ends(self) -> tuple[float, float]:
        """What a week costs at both ends of the trend."""
        weeks, slope = self.weeks, self.whole.cost_slope
        middle = float((weeks.weight * np.log(weeks.cost)).sum() / weeks.weight.sum())
        at = float((weeks.weight * weeks.at).sum() / weeks.weight.sum())
        first, last = (exp(middle + slope * (float(weeks.at[place]) - at)) for place in (0, -1))
        return first, last

    @property
    def _days(self) -> Period:
        days = [self.weeks.days.days[int(place)] for places in self.weeks.places for place in (places[0], places[-1])]
        return Period(min(days), max(days) + timedelta(days=1))

    @property
    def _span(self) -> float:
        return float(self.weeks.at[-1] - self.weeks.at[0])


def elasticity(weeks: Weeks, demand: str, currency: str) -> Elasticity:
    """Of ``weeks``. Raises ``Unknowable`` where they are too few."""
    whole = long_run(weeks)
    if whole is None:
        raise Unknowable(
            f"too short a history: {count_text(len(weeks), 'week')} with cost and demand, {FEWEST_WEEKS} are needed"
        )
    step = step_in(weeks.days, whole.off)
    return Elasticity(
        weeks, demand, currency, whole, step, long_run(weeks, [_after(weeks, step)]) if step is not None else None
    )


def _after(weeks: Weeks, step: Step) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What part of each week lies after the step."""
    days: Sequence[bool] = [day >= step.day for day in weeks.days.days]
    after = np.array(days, dtype=np.float64)
    return np.array([float(after[places].mean()) for places in weeks.places])


def _cannot(reason: str) -> Reading:
    """Nothing is missing: with these numbers nobody could say it."""
    return Reading(unknown=reason, too_early=True)
