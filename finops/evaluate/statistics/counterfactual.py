"""What demand would have cost under an earlier relation, beside what it did cost, with an interval.

The relation is a line through weeks: a fixed part, and a part per unit of demand. Weeks, not days: on which day of the
week cost follows demand says nothing about what growth costs, and noise of single days would pull the slope to zero.
Neither part is negative. The interval is that of a prediction: noise of the days before, which the relation was learnt
from, and noise of the days after, both with what neighbouring days have in common (``serial``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.statistics.breaks import breaks_in
from finops.evaluate.statistics.serial import autocorrelation, covariance_of_days
from finops.evaluate.statistics.student import t90
from finops.evaluate.statistics.weeks import WEEK, Days, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_WEEKS = 6
"""Before: with fewer there is no telling noise from a relation."""

_NOISE_FLOOR = 1e-4
_STILL = 1e-12
_APART, _SURE = 0.02, 4.0
"""Two levels differ by at least 2 %, and by so many standard errors."""
_MOST_FREEDOM = 30


@dataclass(frozen=True, slots=True)
class Interval:
    """An amount with the ends of its 90 % interval, which need not lie evenly around it."""

    amount: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether even a 95 % interval, a quarter wider, is above zero, so that little is credited by chance."""
        return self.low - (self.amount - self.low) / 4 > 0


@dataclass(frozen=True, slots=True)
class _Relation:
    """One of the relations that may hold. ``fitted``: on the days before. ``covariance``: of expected - actual, on the
    days after."""

    fitted: Floats
    expected: Floats
    actual: Floats
    covariance: Floats
    freedom: int

    def saved(self, chosen: NDArray[np.bool_]) -> Interval:
        amount = float((self.expected - self.actual)[chosen].sum())
        weights = chosen.astype(np.float64)
        half = t90(self.freedom) * max(0.0, float(weights @ self.covariance @ weights)) ** 0.5
        return Interval(amount, amount - half, amount + half)


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """``line``: a fixed part and one per unit of demand; ``level``, ``ratio``: each of them alone. What demand would
    have cost lies between the latter two, since neither part is negative; None where demand never moved.

    ``moved``: the day on which cost moved to another level, so shortly before the change that the relation of then
    cannot be told: nothing should be said.
    """

    level: _Relation
    line: _Relation | None = None
    ratio: _Relation | None = None
    moved: date | None = None

    @property
    def expected(self) -> Floats:
        """On each day after."""
        if self.line is None or self.ratio is None:
            return self.level.expected
        one, other = self.level.expected, self.ratio.expected
        result: Floats = np.clip(self.line.expected, np.minimum(one, other), np.maximum(one, other))
        return result

    def saved(self, chosen: NDArray[np.bool_]) -> Interval:
        """What the ``chosen`` of the days after cost less than they would have."""
        level = self.level.saved(chosen)
        if self.line is None or self.ratio is None:
            return level
        line, ratio = self.line.saved(chosen), self.ratio.saved(chosen)
        amount = float((self.expected - self.level.actual)[chosen].sum())
        low, high = max(line.low, min(level.low, ratio.low)), min(line.high, max(level.high, ratio.high))
        if amount != line.amount:
            # the line goes beyond what may be: the relation that it was held at has noise of its own
            nearest = min(level, ratio, key=lambda one: abs(one.amount - amount))
            low, high = min(low, nearest.low), max(high, nearest.high)
        return Interval(amount, low, high)


def counterfactual(before: Days, after: Days, since: date) -> Counterfactual | None:
    """``since``: the day of the change; days may be missing on both sides. Where demand is not known it is 1 each day.

    Weeks of seven known days that end on the day before ``since`` count, from the last break of the relation on (see
    ``breaks``) where there are enough of them. None where there are too few weeks, or nothing was spent in them.
    """
    ages = np.array([(since - day).days - 1 for day in before.days], dtype=np.int64) // WEEK
    whole = np.flatnonzero(np.bincount(ages)[ages] == WEEK) if len(ages) else ages
    before = _some(before, whole)
    level = _relation(before, after, [0]) if len(before.days) >= FEWEST_WEEKS * WEEK and after.days else None
    if level is None:
        return None
    moved = before.demand - before.demand.mean()
    moves = float(moved @ moved) > _STILL * float(before.demand @ before.demand)
    line = _relation(before, after, [0, 1]) if moves else None
    off = _off(before, level if line is None else line)
    found = breaks_in(off, before.weekdays)
    later = _since_the_last_break(before, found)
    if len(later.days) < len(before.days):
        return counterfactual(later, after, since)
    return Counterfactual(level, line, _relation(before, after, [1]) if moves else None, _moved(before, off, found))


def _some(days: Days, places: NDArray[np.int64]) -> Days:
    return Days(tuple(days.days[place] for place in places), days.cost[places], days.demand[places])


def _off(days: Days, relation: _Relation) -> Floats:
    """How far each day lies off the relation, as a logarithm; NaN where it has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.log(days.cost) - np.log(relation.fitted)
    result: Floats = np.where(np.isfinite(off), off, np.nan)
    return result


def _since_the_last_break(days: Days, found: Sequence[int]) -> Days:
    first = -(-found[-1] // WEEK) * WEEK if found else 0
    return _some(days, np.arange(first, len(days.days))) if len(days.days) - first >= FEWEST_WEEKS * WEEK else days


def _moved(days: Days, off: Floats, found: Sequence[int]) -> date | None:
    """The last break, unless the relation is where it was before: an incident that is over is no new level."""
    if not found:
        return None
    before, after = off[: found[-1]], off[found[-1] :]
    noise = float(np.nanmedian(np.abs(after - np.nanmedian(after)))) / float(np.sqrt(len(after)))
    apart = abs(float(np.nanmedian(after) - np.nanmedian(before)))
    return days.days[found[-1]] if apart > max(_APART, _SURE * noise) else None


def _relation(before: Days, after: Days, columns: Sequence[int]) -> _Relation | None:
    """``columns``: 0 for a fixed part, 1 for one per unit of demand. None without a positive cost before."""
    weeks = len(before.days) // WEEK
    cost = before.cost
    earlier, later = (np.column_stack([np.ones_like(days.demand), days.demand])[:, columns] for days in (before, after))
    learn = np.linalg.pinv(earlier.reshape(weeks, WEEK, -1).mean(axis=1))
    parts = learn @ cost.reshape(weeks, WEEK).mean(axis=1)
    shares = _weekday_shares(before.weekdays, cost, earlier @ parts)
    fitted, later = earlier @ parts * shares[before.weekdays], later * shares[after.weekdays][:, None]
    expected: Floats = later @ parts
    level = float(np.abs(fitted).mean())
    if not level > 0:
        return None
    scales = np.concatenate([np.abs(fitted), np.abs(expected) * _ratio(after.cost, expected)])
    scales = np.maximum(scales, _NOISE_FLOOR * level)
    errors = _errors(before, after, (cost - fitted) / scales[: len(cost)], scales, learn, later)
    return _Relation(fitted, expected, after.cost, *errors)


def _ratio(actual: Floats, expected: Floats) -> float:
    whole = float(expected.sum())
    return min(max(float(actual.sum()) / whole, 0.0), 1.0) if whole > 0 else 1.0


def _weekday_shares(weekdays: NDArray[np.int64], cost: Floats, fitted: Floats) -> Floats:
    spent = np.bincount(weekdays, weights=cost, minlength=WEEK)
    expected = np.bincount(weekdays, weights=fitted, minlength=WEEK)
    result: Floats = np.where(expected > 0, spent / np.where(expected > 0, expected, 1.0), 1.0)
    return result


def _errors(before: Days, after: Days, off: Floats, scales: Floats, learn: Floats, later: Floats) -> tuple[Floats, int]:
    """Covariance of (expected - actual) of the days after, and its degrees of freedom."""
    known, weeks = len(off), len(off) // WEEK
    days = Days(
        (*before.days, *after.days),
        np.concatenate([before.cost, after.cost]),
        np.concatenate([before.demand, after.demand]),
    )
    rho = autocorrelation(before, off)
    correlation = covariance_of_days(days, rho) * np.outer(scales, scales)
    averaged = np.kron(np.eye(weeks), np.full((1, WEEK), 1 / WEEK))
    weigh = np.hstack([later @ learn @ averaged, -np.eye(len(after.days))])
    # what weeks are off their line, beside what they would be off it with noise of size 1
    rest = averaged - (np.linalg.pinv(learn) @ learn) @ averaged
    weekly = rest @ (off * scales[:known])
    usual = float(np.trace(rest @ correlation[:known, :known] @ rest.T))
    # weeks that are alike say less than as many that are not
    freedom = max(round((weeks - learn.shape[0] - 1) * (1 - rho * rho)), 2)
    size = float(weekly @ weekly) / usual if usual > 0 else 0.0
    return weigh @ correlation @ weigh.T * size, min(freedom, _MOST_FREEDOM)
