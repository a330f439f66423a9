"""How much one window of days lies above the window before it, with an interval.

A step is signal: two totals that are known exactly differ by what they differ by, and noise is only what days do around
the levels that they are on. So breaks are taken out first (``breaks``), then a line through each window, then weekdays;
slow movements of what is left, corrected for what days have in common, say how large noise is (``low_frequency``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.statistics.breaks import breaks_in
from finops.evaluate.statistics.low_frequency import Movements, movements
from finops.evaluate.statistics.serial import autocorrelation, covariance_of_days
from finops.evaluate.statistics.student import t90
from finops.evaluate.statistics.weeks import WEEK, Days, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_WEEKS = 4
"""A window: with fewer there is no telling a trend inside it from noise."""

_FEWEST_FREE, _MOST_FREE = 3, 12
"""Movements that noise is judged by, the slowest first."""

_UNSEEN = 2.0
"""So many times the noise of slow movements is what no lasting noise explains: days that stand alone."""

_SHORTEST_WAVE_DAYS = 8
"""Shorter waves are those of the week."""

_ROUNDS = 12
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Break:
    """``day``: the first on the new level. ``size``: how far it lies from the level before, 0.2 for 20 %."""

    day: date
    size: float


@dataclass(frozen=True, slots=True)
class Error:
    """``error``: the standard error of a difference of logarithms; ``t`` of them make a 90 % interval. ``breaks``:
    new levels, which are no noise."""

    error: float
    rho: float
    freedom: int
    breaks: tuple[Break, ...] = ()

    @property
    def t(self) -> float:
        return t90(self.freedom)


def error_of_change(days: Days, begins: date, *, cost: float, demand: float) -> Error | None:
    """Of ``cost`` · (log cost of the window that ``begins`` then - that of the window before) + ``demand`` · (the same
    of demand). None where there are too few days to tell a change from noise."""
    days = _without_idle_weekdays(days)
    late = np.array([day >= begins for day in days.days], dtype=bool)
    if late.all() or not late.any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        z = cost * np.log(days.cost) + demand * np.log(days.demand)
    z = np.where(np.isfinite(z), z, np.nan)
    places = breaks_in(z, days.weekdays)
    moves = _moves(days, late, places)
    if moves is None:
        return None
    fitted = [_levels(values, moves) for values in (days.cost, days.demand)]
    off = cost * (days.cost / fitted[0] - 1) + demand * (days.demand / fitted[1] - 1)
    rho = autocorrelation(days, off)
    contrast = sum((_contrast(one, late) for one in fitted), np.zeros(len(off))) / 2
    correlation = covariance_of_days(days, rho)
    reach = float(contrast @ correlation @ contrast)
    slow = moves.of(off)[moves.named :]
    of_slow = reach * float((slow**2 / moves.variances(correlation)[moves.named :]).mean())
    # slow movements see little of a large invoice on some days: let each day speak for itself too (White 1980)
    lasting = reach / float(contrast @ contrast) * len(off) / (len(off) - moves.named)
    of_days = float(((contrast * off) ** 2).sum()) * lasting
    return Error(
        error=float(np.sqrt(of_days if of_days > _UNSEEN * of_slow else of_slow)),
        rho=rho,
        freedom=min(moves.freedom - 1, 30),  # one is given for rho, which was estimated, too
        breaks=tuple(Break(days.days[place], _size(z, places, place)) for place in places),
    )


def _without_idle_weekdays(days: Days) -> Days:
    """Weekdays on which nothing is ever spent, or nothing served, say nothing about noise."""
    used = np.ones(len(days.days), dtype=bool)
    for weekday in range(WEEK):
        of_weekday = days.weekdays == weekday
        if not days.cost[of_weekday].sum() > 0 or not days.demand[of_weekday].sum() > 0:
            used &= ~of_weekday
    if used.all():
        return days
    kept = np.flatnonzero(used)
    return Days(tuple(days.days[place] for place in kept), days.cost[kept], days.demand[kept])


def _moves(days: Days, late: NDArray[np.bool_], places: list[int]) -> Movements | None:
    numbers = days.numbers
    at = (numbers - numbers.mean()) / WEEK
    weekdays = [(days.weekdays == weekday).astype(np.float64) for weekday in sorted(set(days.weekdays.tolist()))]
    steps = [(np.arange(len(at)) >= place).astype(np.float64) for place in places]
    span = int(numbers[-1] - numbers[0]) + 1
    moves = movements(
        numbers,
        np.ones(len(at)),
        [*weekdays, late.astype(np.float64), at, at * late],
        optional=steps,
        fastest=2 * span // _SHORTEST_WAVE_DAYS,
        most=_MOST_FREE,
    )
    return moves if moves is not None and moves.freedom > _FEWEST_FREE else None


def _levels(values: Floats, moves: Movements) -> Floats:
    """What the named columns let expect of each day: a gamma regression with a logarithmic link (McCullagh and Nelder
    1989), since noise grows with the level and a day without cost has no logarithm."""
    level = np.full(len(values), np.log(values.mean()))
    basis = moves.basis[: moves.named]
    for _ in range(_ROUNDS):
        more = basis.T @ (basis @ (values * np.exp(-level) - 1))
        level += np.clip(more, -1.0, 1.0)
        if float(np.abs(more).max()) < _CLOSE:
            break
    result: Floats = np.exp(level)
    return result


def _contrast(fitted: Floats, late: NDArray[np.bool_]) -> Floats:
    """How each day's deviation counts in the difference of the two windows' totals."""
    result: Floats = np.where(late, fitted / fitted[late].sum(), -fitted / fitted[~late].sum())
    return result


def _size(z: Floats, places: list[int], place: int) -> float:
    edges = [0, *places, len(z)]
    nth = edges.index(place)
    before, after = z[edges[nth - 1] : place], z[place : edges[nth + 1]]
    return float(np.exp(np.nanmedian(after) - np.nanmedian(before)) - 1)
