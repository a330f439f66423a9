"""Settled days on which a cost can be held against the demand that it served, and the days that are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache

from finops.deferred import numpy as np
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.statistics.one_offs import one_offs
from finops.evaluate.statistics.weeks import WEEK, Days, Floats
from finops.model.money import EXACT
from finops.model.period import Period
from finops.model.wording import amount_text, days_text

LEFT_OUT_AT_MOST = 5
"""One day in this many may be left out of a window; with more it says nothing."""

HARDLY_EVER = 5
"""Fewer than one day in this many."""

NO_COST = "no cost"
NEGATIVE = "credits or refunds larger than the day's cost"


@dataclass(frozen=True, slots=True)
class HeldDays:
    """``cost`` and ``demand`` have the same days. ``left_out``: a reason for every other day of ``span``.

    ``single``: the reasons that speak of one day each, with its numbers. ``word``: what a series is called in texts.
    """

    span: Period
    currency: str
    cost: Mapping[date, Decimal]
    demand: Mapping[date, Decimal]
    left_out: Mapping[date, str] = field(default_factory=dict)
    single: Mapping[date, str] = field(default_factory=dict)
    word: str = "demand"
    _numbers: dict[Period, Days] = field(default_factory=dict, init=False, repr=False, compare=False)

    def days(self, window: Period) -> tuple[date, ...]:
        return tuple(day for day in self.cost if day in window)

    def sums(self, window: Period) -> tuple[Decimal, Decimal]:
        """Cost and demand of the window's days, exactly."""
        with localcontext(EXACT):
            days = self.days(window)
            return (
                sum((self.cost[day] for day in days), Decimal(0)),
                sum((self.demand[day] for day in days), Decimal(0)),
            )

    def numbers(self, window: Period) -> Days:
        """For statistics."""
        if window not in self._numbers:  # both windows, their parts and their sum are asked for again and again
            days = self.days(window)
            self._numbers[window] = Days(
                days,
                np.array([float(self.cost[day]) for day in days]),
                np.array([float(self.demand[day]) for day in days]),
            )
        return self._numbers[window]

    def check(self, window: Period) -> None:
        """Raises ``Unknowable`` where too many of the window's days are left out, or all of its last week."""
        missing: dict[str, list[date]] = {}
        for day in window:
            if day in self.left_out:
                missing.setdefault(self.left_out[day], []).append(day)
        count = sum(map(len, missing.values()))
        if count * LEFT_OUT_AT_MOST > window.days:
            told = "; ".join(f"{reason} for {days_text(days)}" for reason, days in missing.items())
            raise Unknowable(f"{count} of the {window.days} days of {window} cannot be used: {told}")
        last_week = [window.end - timedelta(days=age) for age in range(WEEK, 0, -1)]
        if all(day in self.left_out for day in last_week):
            raise Unknowable(f"no day from {last_week[0]} on can be used: {self.left_out[last_week[-1]]}")

    def notes(self, *windows: Period) -> list[str]:
        """A sentence for each reason why days of the windows were left out."""
        by_reason: dict[str, list[date]] = {}
        for day in sorted(self.left_out):
            if day not in self.single and any(day in window for window in windows):
                by_reason.setdefault(self.left_out[day], []).append(day)
        return [
            *(f"left out, {reason}: {days_text(days)}" for reason, days in by_reason.items()),
            *(f"left out, {text}" for day, text in self.single.items() if any(day in window for window in windows)),
        ]

    def credit_notes(self, *windows: Period) -> list[str]:
        """A sentence where the cost of days of the windows is negative, and counts."""
        days = [day for day, cost in self.cost.items() if cost < 0 and any(day in window for window in windows)]
        return [f"credits count: the cost is negative on {days_text(days)}"] if days else []


def hold(
    data: GroupData, span: Period, *, demand: str, lag_days: int, currency: str, recurring: bool, word: str = "demand"
) -> HeldDays:
    """Every day of ``span`` that has a cost and a demand, cost in ``currency``.

    ``lag_days``: a day's cost is compared with the demand of so many days before. ``recurring``: also leaves out days
    whose cost is negative, and one-offs of cost or demand. Raises ``Unknowable`` where a rate is missing.
    """
    series = data.demand.get(demand, {})
    costs: dict[date, Decimal] = {}
    demands: dict[date, Decimal] = {}
    left_out: dict[date, str] = {}
    usually_empty = _usually_empty(data, span)
    for day in span:
        served = series.get(day - timedelta(days=lag_days))
        if day not in data.daily and day.weekday() not in usually_empty:
            left_out[day] = NO_COST
        elif served is None:
            left_out[day] = f"no {word} '{demand}'"
        else:
            cost = data.converted(day, currency)
            if recurring and cost < 0:
                left_out[day] = NEGATIVE
            else:
                costs[day], demands[day] = cost, served
    held = HeldDays(span, currency, costs, demands, left_out, word=word)
    if not recurring:
        return held
    single = dict(_one_offs(held, demand))
    kept = [day for day in costs if day not in single]
    return HeldDays(
        span,
        currency,
        {day: costs[day] for day in kept},
        {day: demands[day] for day in kept},
        {**left_out, **dict.fromkeys(single, "one-offs")},
        single,
        word,
    )


def _usually_empty(data: GroupData, span: Period) -> set[int]:
    """Weekdays that hardly ever have rows: a scope that rests on them misses nothing there, its cost is zero."""
    known = [day for day in data.daily if day in span]
    if not known:
        return set()
    since = Period(min(known), span.end)
    with_rows = [day.weekday() for day in known]
    every = [day.weekday() for day in since]
    return {weekday for weekday in range(WEEK) if with_rows.count(weekday) * HARDLY_EVER < every.count(weekday)}


def _one_offs(held: HeldDays, demand: str) -> Iterator[tuple[date, str]]:
    numbers = held.numbers(held.span)
    weekdays = numbers.weekdays.tobytes()
    costs, demands = (_factors(values.tobytes(), weekdays) for values in (numbers.cost, numbers.demand))
    for day, cost, served in zip(numbers.days, costs, demands, strict=True):
        told = []
        if np.isfinite(cost):
            told.append(f"cost {amount_text(held.cost[day], held.currency)}, {cost:.1f} times what is usual then")
        if np.isfinite(served):
            told.append(f"demand {held.demand[day].normalize():,f} {demand}, {served:.1f} times what is usual then")
        if told:
            yield day, f"a one-off on {day}: {' and '.join(told)}"


@lru_cache(maxsize=512)  # groups share a demand, and series share a group's cost
def _factors(values: bytes, weekdays: bytes) -> Floats:
    found = one_offs(np.frombuffer(values), np.frombuffer(weekdays, dtype=np.int64))
    found.setflags(write=False)
    return found
