"""The arithmetic of one UnitCost policy for one group; the verdict and its explanation share it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import localcontext

from finops.evaluate.forecasting.spread_charges import spread_charges
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import ComparedDays
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.kinds.unit_cost.options import UnitCostOptions
from finops.evaluate.statistics.two_windows import Error
from finops.evaluate.windows.two_windows import Change, TwoWindows, growth, levels_text, windows
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period
from finops.model.wording import amount_text, change_text, exact_text


@dataclass(slots=True)
class UnitCostNumbers:
    """What cannot be said is a reading with ``unknown``. Recurring charges are spread (``spread_charges``)."""

    options: UnitCostOptions
    currency: str
    data: GroupData
    spread: tuple[str, ...] = field(init=False, default=())
    two: TwoWindows | None = field(init=False, default=None)
    no_windows: str = field(init=False, default="")
    _change_of_both: Change | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        options = self.options
        try:
            spread, self.spread = spread_charges(self.data, self.currency)
            self.two = windows(
                spread,
                days=options.window,
                demand=options.demand,
                lag_days=options.lag,
                currency=self.currency,
                recurring=False,
            )
        except Unknowable as error:
            self.no_windows = error.reason

    def readings(self) -> dict[str, Reading]:
        return {"unit_cost": self._unit_cost(), "unit_cost_change": self._change()}

    def amounts(self) -> dict[str, Money]:
        """``unit_cost`` and ``unit_cost_before``, as far as they can be said."""
        if self.two is None:
            return {}
        found = {}
        for name, window in (("unit_cost", self.two.now), ("unit_cost_before", self.two.before)):
            try:
                found[name] = self._of(self.two, window)
            except Unknowable:
                continue
        return found

    @property
    def compared(self) -> ComparedDays | None:
        two = self.two
        if two is None or "unit_cost_before" not in self.amounts():
            return None
        before, now = two.held.sums(two.before)[1], two.held.sums(two.now)[1]
        days_before, days_now = (len(two.held.days(window)) for window in (two.before, two.now))
        if not before or not days_now:  # no demand to grow from, or no day to grow to
            return None
        return two.compared(float(now / days_now / (before / days_before)) - 1)

    @property
    def notes(self) -> tuple[str, ...]:
        two, lag = self.two, self.options.lag
        if two is None:
            return ()
        notes = (
            [f"cost is compared with the demand of {abs(lag)} days {'before' if lag > 0 else 'after'}"] if lag else []
        )
        shown = [two.before, two.now] if "unit_cost_before" in self.amounts() else [two.now]
        return (*notes, *two.held.notes(*shown), *self.spread, *two.held.credit_notes(*shown))

    def lines(self) -> list[str]:
        """The arithmetic as a person would write it down."""
        two = self.two
        if two is None:
            return [f"unit cost unknown: {self.no_windows}"]
        lines = list(self.notes)
        for name, window in (("unit_cost", two.now), ("unit_cost before", two.before)):
            cost, demand = two.held.sums(window)
            try:
                unit = self._of(two, window)
            except Unknowable as error:
                lines.append(f"{name} unknown: {error.reason}")
                continue
            lines.append(
                f"{name} = {exact_text(cost, self.currency)} ÷ {demand.normalize():f} {self.options.demand} × "
                f"{self.options.per.normalize():f} = {exact_text(unit.amount, self.currency)}, "
                f"{len(two.held.days(window))} of {window.days} days, {window}"
            )
        change = self._change()
        if change.number is None:
            return [*lines, f"unit_cost_change unknown: {change.unknown}"]
        noise = self._noise(two)
        levels = levels_text(noise)
        return [
            *lines,
            *([f"new levels, which count as change and not as noise: {levels}"] if levels else []),
            (
                f"noise of ln unit cost: standard error {noise.error:.6f}, a day's deviation is like the day's before "
                f"it by {noise.rho:.2f}, {noise.freedom} degrees of freedom, t = {noise.t:.6f}"
            ),
            f"unit_cost_change = {change.number:.6f} (90 % interval {change.low:.6f} to {change.high:.6f})",
        ]

    def _unit_cost(self) -> Reading:
        if self.two is None:
            return Reading(unknown=self.no_windows)
        try:
            unit = self._of(self.two, self.two.now)
        except Unknowable as error:
            return Reading(unknown=error.reason)
        cost, demand = self.two.held.sums(self.two.now)
        text = amount_text(cost, self.currency)
        detail = f"{text} for {demand.normalize():,f} {self.options.demand} in {self.two.now}"
        return Reading(amount=unit, detail=detail)

    def _change(self) -> Reading:
        two = self.two
        if two is None:
            return Reading(unknown=self.no_windows)
        try:
            before, now = (self._of(two, window) for window in (two.before, two.now))
            if min(before.amount, now.amount) <= 0:
                raise Unknowable("a cost of zero or less has no change")
            noise = self._noise(two)
        except Unknowable as error:
            return Reading(unknown=error.reason)
        beyond = self._beyond(two, before)
        detail = f"{_shown(now)} after {_shown(before)}; cost {two.totals_text()} ({beyond} beyond demand)"
        return growth(float(now.amount / before.amount), noise, detail)

    def _noise(self, two: TwoWindows) -> Error:
        """Of the logarithm of the unit cost. Raises ``Unknowable``."""
        if self._change_of_both is None:
            self._change_of_both = two.change()
        return self._change_of_both.error(1, -1)

    def _beyond(self, two: TwoWindows, before: Money) -> str:
        """How much more, or less, the window cost than its demand would have cost at the unit cost ``before``."""
        cost, demand = two.held.sums(two.now)
        with localcontext(EXACT):
            return change_text(quantise(cost - before.amount * demand / self.options.per), self.currency)

    def _of(self, two: TwoWindows, window: Period) -> Money:
        """Cost ÷ demand of ``window``. Raises ``Unknowable``."""
        two.held.check(window)
        cost, demand = two.held.sums(window)
        if demand <= 0:
            raise Unknowable(f"no demand '{self.options.demand}' in {window}: its sum is {demand.normalize():f}")
        with localcontext(EXACT):
            return Money(quantise(self.options.per * cost / demand), self.currency)


def _shown(money: Money) -> str:
    return amount_text(money.amount, money.currency)
