"""The arithmetic of one Value policy for one group; the verdict and its explanation share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from math import exp, log, sqrt

from finops.errors import MissingRate
from finops.evaluate.forecasting.spread_charges import spread_charges
from finops.evaluate.judgement.group_data import GroupData, Unknowable, no_rate
from finops.evaluate.judgement.kind import ComparedDays
from finops.evaluate.judgement.reading import Reading, significant
from finops.evaluate.kinds.value.options import ValueOptions
from finops.evaluate.statistics.student import t90
from finops.evaluate.windows.settled_window import SettledWindow
from finops.evaluate.windows.two_windows import Change, TwoWindows, windows
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period
from finops.model.wording import amount_text, change_text, exact_text

_STILL = 1e-9
"""Of its level: a smaller change is a rounding of floating point."""


@dataclass(slots=True)
class ValueNumbers:
    """What cannot be said is a reading with ``unknown``. Recurring charges are spread (``spread_charges``); value is
    converted into ``currency`` at each day's own rate."""

    options: ValueOptions
    currency: str
    data: GroupData
    spread: tuple[str, ...] = field(init=False, default=())
    two: TwoWindows | None = field(init=False, default=None)
    change: Change | None = field(init=False, default=None)
    no_windows: str = field(init=False, default="")
    no_change: str = field(init=False, default="")

    def __post_init__(self) -> None:
        options = self.options
        try:
            spread, self.spread = spread_charges(self.data, self.currency)
            self.two = windows(
                replace(spread, demand={options.value: self._value(spread)}),
                days=options.window,
                demand=options.value,
                lag_days=0,
                currency=self.currency,
                recurring=False,
                word="value",
            )
        except Unknowable as error:
            self.no_windows = self.no_change = error.reason
            return
        try:
            self.change = self.two.change()
        except Unknowable as error:
            self.no_change = error.reason

    def readings(self) -> dict[str, Reading]:
        return {"return": self._return(), "marginal_return": self._marginal()}

    def amounts(self) -> dict[str, Money]:
        """``value`` and ``cost`` of the days of the window that count, as far as they can be said."""
        if self.two is None or self._return().unknown:
            return {}
        cost, value = self.two.held.sums(self.two.now)
        return {"value": Money(value, self.currency), "cost": Money(cost, self.currency)}

    @property
    def compared(self) -> ComparedDays | None:
        if self.two is None or self.change is None:
            return None
        return self.two.compared(self.change.demand_ratio - 1)

    @property
    def notes(self) -> tuple[str, ...]:
        two = self.two
        if two is None:
            return ()
        shown = [two.now] if self.change is None else [two.before, two.now]
        own = self._own_currency
        return (
            *([f"value in {own} is converted at each day's rate"] if own != self.currency else []),
            *two.held.notes(*shown),
            *self.spread,
            *two.held.credit_notes(*shown),
        )

    def lines(self) -> list[str]:
        """The arithmetic as a person would write it down."""
        two, name = self.two, self.options.value
        if two is None:
            return [f"return unknown: {self.no_windows}"]
        lines = list(self.notes)
        cost, value = two.held.sums(two.now)
        found = self._return()
        if found.number is None:
            lines.append(f"return unknown: {found.unknown}")
        else:
            lines.append(
                f"return = {exact_text(value, self.currency)} {name} ÷ {exact_text(cost, self.currency)} = "
                f"{found.number:g}{_interval(found)}, {len(two.held.days(two.now))} of {two.now.days} days, {two.now}"
            )
        if self.change is not None:
            before, now, value_before, value_now = self.change.levels
            lines.append(
                f"a mean week of {two.before}: cost {before:,.2f} {self.currency}, {name} {value_before:,.2f} "
                f"{self.currency}; of {two.now}: cost {now:,.2f} {self.currency}, {name} {value_now:,.2f} "
                f"{self.currency}"
            )
        marginal = self._marginal()
        if marginal.number is None:
            return [*lines, f"marginal_return unknown: {marginal.unknown}"]
        return [
            *lines,
            f"marginal_return = change of {name} ÷ change of cost = {marginal.number:g}{_interval(marginal)}",
        ]

    @property
    def _own_currency(self) -> str:
        settings = self.data.moment.settings
        return settings.value_currencies.get(self.options.value, settings.currency)

    def _value(self, data: GroupData) -> Mapping[date, Decimal]:
        """At least of the days of both windows. Raises ``Unknowable`` where a rate is missing."""
        series, own, rates = data.demand.get(self.options.value, {}), self._own_currency, data.moment.settings.rates
        if own == self.currency:
            return series
        now = SettledWindow(self.options.window).of(data)
        both = Period(now.start - timedelta(days=now.days), now.end)
        converted = {}
        for day in (day for day in both if day in series):
            try:
                factor = rates.factor(day, own, self.currency)
            except MissingRate as error:
                raise Unknowable(no_rate(own, self.currency, day, error)) from error
            converted[day] = quantise(EXACT.multiply(series[day], factor))
        return converted

    def _return(self) -> Reading:
        two = self.two
        if two is None:
            return Reading(unknown=self.no_windows)
        try:
            two.held.check(two.now)
        except Unknowable as error:
            return Reading(unknown=error.reason)
        cost, value = two.held.sums(two.now)
        if cost <= 0:
            return Reading(unknown=f"a cost of zero or less has no return: {amount_text(cost, self.currency)}")
        with localcontext(EXACT):
            quotient = float(value / cost)
        detail = (
            f"{amount_text(value, self.currency)} {self.options.value} for {amount_text(cost, self.currency)} in "
            f"{two.now}"
        )
        try:
            if self.change is None:
                raise Unknowable(self.no_change)
            error_of_two = self.change.error(-1, 1)
        except Unknowable as error:
            return Reading(number=significant(quotient), detail=f"{detail}; without an interval: {error.reason}")
        # two windows of the same length have half of the variance of their difference each
        half = error_of_two.t * error_of_two.error / sqrt(2)
        return Reading.estimate(quotient, exp(log(quotient) - half), exp(log(quotient) + half), detail=detail)

    def _marginal(self) -> Reading:
        change = self.change
        if change is None:
            return Reading(unknown=self.no_change)
        cost_before, cost_now, value_before, value_now = change.levels
        cost, value = cost_now - cost_before, value_now - value_before
        told = (
            f"{self.options.value} {self._weekly(value)} for cost {self._weekly(cost)} a week, compared with the "
            "window before"
        )
        try:
            interval = _ratio_interval(change, cost, value)
        except Unknowable as error:
            return Reading(unknown=error.reason)
        if interval is None:
            return Reading(unknown=f"cost moved by no more than its own noise: {told}", too_early=True)
        if cost < 0:
            return Reading(
                unknown=f"cost fell: {told}. The marginal return is a claim about growing cost", too_early=True
            )
        return Reading.estimate(value / cost, *interval, detail=told)

    def _weekly(self, amount: float) -> str:
        return change_text(Decimal(repr(amount)), self.currency)


def _ratio_interval(change: Change, cost: float, value: float) -> tuple[float, float] | None:
    """The 90 % interval of ``value`` ÷ ``cost``, two changes that are correlated (Fieller 1954); None where ``cost``
    cannot be told from zero, and the ratio may be anything. Raises ``Unknowable``."""
    _, cost_now, _, value_now = change.levels
    if abs(cost) <= _STILL * cost_now:
        return None
    of_cost, of_value, of_both = change.error(1, 0), change.error(0, 1), change.error(1, -1)
    t = t90(min(one.freedom for one in (of_cost, of_value, of_both)))
    shared = (of_cost.error**2 + of_value.error**2 - of_both.error**2) / 2
    most = of_cost.error * of_value.error  # each error is estimated on its own: together they need not be a covariance
    shared = max(-most, min(most, shared))
    a = cost**2 - (t * cost_now * of_cost.error) ** 2
    b = cost * value - t**2 * cost_now * value_now * shared
    c = value**2 - (t * value_now * of_value.error) ** 2
    if a <= 0:
        return None
    root = sqrt(max(0.0, b * b - a * c))
    return (b - root) / a, (b + root) / a


def _interval(reading: Reading) -> str:
    if reading.low is None or reading.high is None:
        return ""
    return f" (90 % interval {reading.low:g} to {reading.high:g})"
