"""The window that a policy looks at, the one before it, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from math import exp, log

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import ComparedDays
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.statistics.two_windows import FEWEST_WEEKS, Error, error_of_change
from finops.evaluate.statistics.weeks import WEEK, Days, Floats, Shares, Weeks, shares_of, weeks_of
from finops.evaluate.windows.held_days import HeldDays, hold
from finops.evaluate.windows.settled_window import SettledWindow
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period
from finops.model.wording import amount_text, change_text, growth_text

FEWEST_WEEKS_RATIO = 0.8
"""So many of a window's weeks must have a cost and a demand."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TwoWindows:
    """``now``: the last days that are settled. ``before``: as many days before them. ``shares``: of the weekdays, over
    both as far as they have days."""

    now: Period
    before: Period
    held: HeldDays
    shares: Shares

    def weeks(self, window: Period) -> Weeks:
        """Raises ``Unknowable`` where too much of ``window`` is missing."""
        self.held.check(window)
        weeks = weeks_of(self.held.numbers(window), window.end - _DAY, self.shares)
        if len(weeks) < FEWEST_WEEKS_RATIO * window.days / WEEK:
            raise Unknowable(f"too many weeks of {window} have no cost or no {self.held.word}")
        return weeks

    def totals_text(self) -> str:
        """What both windows cost, which days they are, and the difference, over the days that count."""
        now, before = (self.held.sums(window)[0] for window in (self.now, self.before))
        more = EXACT.subtract(now, before)
        return (
            f"{self._total_text(now, self.now)}, {self._total_text(before, self.before)} before, "
            f"{change_text(more, self.held.currency)}"
        )

    def _total_text(self, total: Decimal, window: Period) -> str:
        days = len(self.held.days(window))
        counted = f" ({days} of {window.days} days)" if days < window.days else ""
        return f"{amount_text(total, self.held.currency)} in {window}{counted}"

    def change(self) -> Change:
        """Raises ``Unknowable`` where one of the windows cannot be said."""
        before, now = self.weeks(self.before), self.weeks(self.now)
        return Change(
            before, now, self.held.numbers(Period(self.before.start, self.now.end)), self.now.start, self.held.word
        )

    def compared(self, demand_growth: float | None) -> ComparedDays:
        return ComparedDays(self.held.days(self.before), self.held.days(self.now), demand_growth)

    def halves(self) -> ComparedDays:
        """The later half of the window against its earlier half, for a history that is too short for two windows."""
        middle = self.now.start + timedelta(days=self.now.days // 2)
        earlier, later = Period(self.now.start, middle), Period(middle, self.now.end)
        demands = [self.held.sums(half)[1] for half in (earlier, later)]
        first, second = self.held.days(earlier), self.held.days(later)
        growth = None
        if demands[0] > 0 and first and second:
            growth = float(demands[1] / len(second) / (demands[0] / len(first))) - 1
        return ComparedDays(first, second, growth)

    def lines(self, per: Decimal = Decimal(1)) -> dict[str, tuple[Decimal | None, ...]]:
        """Demand and the cost of ``per`` units of it, for each day of ``now``; None on days that were left out."""
        demand = [self.held.demand.get(day) for day in self.now]
        cost = [self.held.cost.get(day) for day in self.now]
        with localcontext(EXACT):
            unit = [
                quantise(per * money / served) if money is not None and served else None
                for money, served in zip(cost, demand, strict=True)
            ]
        return {"demand": tuple(demand), "unit_cost": tuple(unit)}


@dataclass(frozen=True, slots=True)
class Change:
    """How far two windows are apart; levels are those of a mean week. ``days``: of both; ``begins``: the later one."""

    before: Weeks
    now: Weeks
    days: Days
    begins: date
    word: str = "demand"
    _errors: dict[tuple[float, float], Error | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def cost_ratio(self) -> float:
        return _level(self.now, self.now.cost) / _level(self.before, self.before.cost)

    @property
    def levels(self) -> tuple[float, float, float, float]:
        """Cost before and now, then demand before and now."""
        before, now = self.before, self.now
        return (
            _level(before, before.cost),
            _level(now, now.cost),
            _level(before, before.demand),
            _level(now, now.demand),
        )

    @property
    def demand_ratio(self) -> float:
        return _level(self.now, self.now.demand) / _level(self.before, self.before.demand)

    def error(self, cost: float, demand: float) -> Error:
        """See ``error_of_change``. Raises ``Unknowable``."""
        if (cost, demand) not in self._errors:  # a reading, its explanation and its notes ask for the same
            enough = min(len(self.before), len(self.now)) >= FEWEST_WEEKS
            found = error_of_change(self.days, self.begins, cost=cost, demand=demand) if enough else None
            self._errors[cost, demand] = found
        error = self._errors[cost, demand]
        if error is None:
            raise Unknowable(
                f"{len(self.before)} weeks before {self.begins} and {len(self.now)} since have both cost and "
                f"{self.word}: {FEWEST_WEEKS} of each are needed to tell a change from noise"
            )
        return error


def levels_text(error: Error) -> str:
    """``2026-03-08 (+66.8 %)``: when cost relative to demand moved to another level; empty where it did not."""
    return ", ".join(f"{one.day} ({growth_text(one.size)})" for one in error.breaks)


def growth(ratio: float, error: Error, detail: str = "") -> Reading:
    """``ratio`` - 1 with its interval, from the error of the ratio's logarithm."""
    half = error.t * error.error
    return Reading.estimate(ratio - 1, exp(log(ratio) - half) - 1, exp(log(ratio) + half) - 1, detail=detail)


def windows(
    data: GroupData,
    *,
    days: int,
    demand: str,
    lag_days: int,
    currency: str,
    recurring: bool,
    word: str = "demand",
) -> TwoWindows:
    """Raises ``Unknowable`` where nothing is settled of late, or a rate is missing."""
    now = SettledWindow(days).of(data)
    before = Period(now.start - timedelta(days=days), now.start)
    span = Period(before.start, now.end)
    held = hold(data, span, demand=demand, lag_days=lag_days, currency=currency, recurring=recurring, word=word)
    return TwoWindows(now, before, held, shares_of(held.numbers(span), now.end - _DAY))


def window_shown(data: GroupData, days: int) -> Period:
    """The window that ends with the last settled day; where there is none, with yesterday."""
    through = data.settled_through or data.moment.today - _DAY
    return Period(through - timedelta(days=days - 1), through + _DAY)


def days_needed(moment: Moment, days: int) -> Period:
    """Both windows, wherever they can lie."""
    return SettledWindow(2 * days).needed(moment)


def spent(data: GroupData, window: Period, currency: str) -> Money | None:
    """What the window's days cost, all of them; None, which no minimum excuses, where a rate is missing."""
    try:
        return Money(data.spent(window, window.end - _DAY, currency), currency)
    except Unknowable:
        return None


def _level(weeks: Weeks, values: Floats) -> float:
    return float((values * weeks.weight).sum() / weeks.weight.sum())
