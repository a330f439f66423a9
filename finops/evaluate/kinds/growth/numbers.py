"""The arithmetic of one Growth policy for one group; the verdict and its explanation share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import ComparedDays
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.kinds.growth.elasticity import Elasticity, elasticity
from finops.evaluate.kinds.growth.options import GrowthOptions
from finops.evaluate.statistics.weeks import Weeks
from finops.evaluate.windows.two_windows import Change, TwoWindows, growth, levels_text, windows
from finops.model.wording import growth_text


def weeks_shown(weeks: Weeks, currency: str, demand: str) -> list[str]:
    """One line a week: what it cost and what it served. A week with days left out is scaled by the others' weekdays."""
    lines = []
    for place, last in enumerate(weeks.last_days):
        used = len(weeks.places[place])
        scaled = f", scaled from {used} days" if used < 7 else ""
        lines.append(
            f"  week to {last}  {weeks.cost[place]:,.2f} {currency}  {weeks.demand[place]:,.2f} {demand}{scaled}"
        )
    return lines


@dataclass(slots=True)
class GrowthNumbers:
    """What cannot be said is a reading with ``unknown``, and its reason stands in ``missing``."""

    options: GrowthOptions
    currency: str
    data: GroupData
    two: TwoWindows | None = field(init=False, default=None)
    elasticity: Elasticity | None = field(init=False, default=None)
    change: Change | None = field(init=False, default=None)
    no_elasticity: str = field(init=False, default="")
    no_change: str = field(init=False, default="")

    def __post_init__(self) -> None:
        options = self.options
        try:
            self.two = windows(
                self.data,
                days=options.window,
                demand=options.demand,
                lag_days=options.lag,
                currency=self.currency,
                recurring=True,
            )
        except Unknowable as error:
            self.no_elasticity = self.no_change = error.reason
            return
        try:
            self.elasticity = elasticity(self.two.weeks(self.two.now), options.demand, self.currency)
        except Unknowable as error:
            self.no_elasticity = error.reason
        try:
            self.change = self.two.change()
        except Unknowable as error:
            self.no_change = error.reason

    def readings(self) -> dict[str, Reading]:
        found = self.elasticity
        return {
            "elasticity": found.reading if found is not None else Reading(unknown=self.no_elasticity),
            "excess_growth": self._of_change(self._excess),
            "cost_growth": self._of_change(
                lambda change: growth(change.cost_ratio, change.error(1, 0), self._totals())
            ),
            "demand_growth": self._of_change(lambda change: growth(change.demand_ratio, change.error(0, 1))),
        }

    @property
    def compared(self) -> ComparedDays | None:
        if self.two is None:
            return None
        if self.change is None:
            return self.two.halves() if self.elasticity is not None else None
        return self.two.compared(self.change.demand_ratio - 1)

    @property
    def notes(self) -> tuple[str, ...]:
        if self.two is None:
            return ()
        shown = [self.two.now] if self.change is None else [self.two.before, self.two.now]
        lag = self.options.lag
        notes = (
            [f"cost is compared with the demand of {abs(lag)} days {'before' if lag > 0 else 'after'}"] if lag else []
        )
        notes += self.two.held.notes(*shown)
        return (*notes, *(self.elasticity.notes if self.elasticity is not None else ()))

    def lines(self) -> list[str]:
        """The arithmetic as a person would write it down."""
        if self.two is None:
            return [f"growth unknown: {self.no_change}"]
        lines = [*self.notes, f"window {self.two.now}, {self.two.now.days} days:"]
        if self.elasticity is None:
            lines.append(f"elasticity unknown: {self.no_elasticity}")
        else:
            lines += [*weeks_shown(self.elasticity.weeks, self.currency, self.options.demand), *self.elasticity.lines()]
        if self.change is None:
            return [*lines, f"growth unknown: {self.no_change}"]
        change = self.change
        lines += [f"window before, {self.two.before}:"]
        lines += weeks_shown(change.before, self.currency, self.options.demand)
        for name, ratio, reading in (
            ("cost_growth", change.cost_ratio, self.readings()["cost_growth"]),
            ("demand_growth", change.demand_ratio, self.readings()["demand_growth"]),
        ):
            lines.append(f"{name} = mean week now ÷ before - 1 = {ratio - 1:.6f}{_interval(reading)}")
        excess = self.readings()["excess_growth"]
        levels = levels_text(change.error(change.cost_ratio, -change.demand_ratio)) if not excess.unknown else ""
        if levels:
            lines.append(f"new levels relative to demand, which count as growth and not as noise: {levels}")
        return [*lines, f"excess_growth = cost_growth - demand_growth = {_number(excess)}{_interval(excess)}"]

    def _totals(self) -> str:
        return self.two.totals_text() if self.two is not None else ""

    def _excess(self, change: Change) -> Reading:
        cost, demand = change.cost_ratio, change.demand_ratio
        error = change.error(cost, -demand)
        half = error.t * error.error
        against = "cost rose although demand fell: " if cost > 1 > demand else ""
        detail = f"{against}cost {growth_text(cost - 1)}, demand {growth_text(demand - 1)}; cost {self._totals()}"
        return Reading.estimate(cost - demand, cost - demand - half, cost - demand + half, detail=detail)

    def _of_change(self, read: Callable[[Change], Reading]) -> Reading:
        if self.change is None:
            return Reading(unknown=self.no_change)
        try:
            return read(self.change)
        except Unknowable as error:
            return Reading(unknown=error.reason)


def _interval(reading: Reading) -> str:
    if reading.low is None or reading.high is None:
        return f" ({reading.unknown})"
    return f" (90 % interval {reading.low:.6f} to {reading.high:.6f})"


def _number(reading: Reading) -> str:
    return f"{reading.number:.6f}" if reading.number is not None else "unknown"
