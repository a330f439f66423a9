"""Other ways to foresee the rest of a month: its course in the months before, and the mean of four weeks.

What hangs on the day of the month by more than a charge (a free tier that resets, a pool of credits that runs dry) has
a course that a level with weekdays does not. Each way is tried on the same days of past months, beside the level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.forecasting.month import days_of_month
from finops.evaluate.forecasting.rows import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTHS = 3
"""So many months before tell what a day of the month costs."""
TRIED_MONTHS, TRIED_DAYS = 6, 3
"""Each way is tried in so many past months, on the same day and so many days around it."""
FEWEST_MONTHS = 2
LONGEST_DAYS = 31
"""Ways are tried over so many days ahead at most."""
MEAN_DAYS = 28
MONTH_DAYS = 30.4
LEAST_RATIO, MOST_RATIO = 0.2, 5.0
YEAR_DAYS = 364
"""Whole weeks: weekdays stay."""
FEWEST_TO_COMPARE_YEARS = 3
"""So many past months must have a year before them."""
FIRST_DAYS = 3
"""A month's own size is told by so many of its days at least."""
CHANGE_DAYS, EXPLAINED = 14, 0.5
"""A change is one against the mean of so many days before it; a course explains it where it misses by less than this
share of what that mean does."""
FAITH = 4.0
"""A way that errs half as much is trusted two to this power times as much."""
HANDICAP = 1.15
"""The level's own errors are of days that its weekdays were found from: new ones are larger."""
_QUANTILE = 0.8


@dataclass(frozen=True, slots=True)
class Ways:
    """``days``: one row a way, one column a day ahead. ``errors``: of sums, one row a way, one column an origin, in
    money; ``origins``: the last known day (an index) of each; ``months``: how many of them are apart."""

    days: Floats
    errors: Floats
    origins: NDArray[np.int64]
    months: int

    def only(self, kept: NDArray[np.bool_]) -> Ways:
        """As tried from these origins."""
        return replace(self, errors=self.errors[:, kept], origins=self.origins[kept])

    def blended(self, own_days: Floats, own_errors: Floats) -> tuple[Floats, float, float]:
        """The days of all ways together with those of the level, the level's share, and by how much the other ways miss
        their sum at most, four times in five."""
        missed = np.abs(np.vstack((HANDICAP * own_errors, self.errors)))
        weights = (missed.mean(axis=1) + 1e-9 * (1 + missed.max())) ** -FAITH
        shares = weights / weights.sum()
        days = shares @ np.vstack((own_days, self.days))
        others = shares[1:] / max(float(shares[1:].sum()), 1e-12)
        reach = float(np.quantile(np.abs(others @ self.errors), _QUANTILE)) * (1 + 1 / self.months)
        return days, float(shares[0]), reach


def ways(first: date, amounts: Floats, count: int, since: int = 0, older: Floats | None = None) -> Ways | None:
    """``amounts``: one a day from ``first``, none missing. ``count``: up to ``LONGEST_DAYS``. ``since``: the first day
    (an index) of a new level or slope, 0 where there is none. ``older``: the days before ``first``; where they reach
    back a year from the past months, the course of the year before is a way, too.

    None where fewer than two past months tell anything, and where no past month went the way that the last days did:
    then only the level knows of it.
    """
    n, tested = len(amounts), count
    before = _same_day_before(first, n + count)
    whole = amounts if older is None else np.concatenate((older, amounts))
    if since and not _went_this_way(first, amounts, whole, before, since):
        return None
    origins = _origins(first, n, tested)
    origins = origins[[bool(before[origin + 1 : origin + 1 + tested].min() >= 0) for origin in origins]]
    a_year_before = origins[origins + len(whole) - n >= YEAR_DAYS + MEAN_DAYS]
    yearly = len(_months(a_year_before, n)) >= FEWEST_TO_COMPARE_YEARS
    origins = a_year_before if yearly else origins
    months = _months(origins, n)
    if len(months) < FEWEST_MONTHS:
        return None
    ahead = origins[:, np.newaxis] + 1 + np.arange(tested)
    last, coming = np.array([n - 1]), (n + np.arange(count))[np.newaxis]
    then, now = ([*_paths(first, amounts, before, *of)] for of in ((origins, ahead), (last, coming)))
    if yearly:
        then.append(_last_year(whole, origins + len(whole) - n, tested))
        now.append(_last_year(whole, last + len(whole) - n, count))
    told = np.array([way.sum(axis=1) for way in then])
    sums = np.concatenate(([0.0], np.cumsum(amounts)))
    actual = sums[origins + 1 + tested] - sums[origins + 1]
    return Ways(np.array([way[0] for way in now]), actual - told, origins, len(months))


def _months(origins: NDArray[np.int64], n: int) -> set[int]:
    return {round((n - 1 - int(origin)) / MONTH_DAYS) for origin in origins}


def _last_year(whole: Floats, origins: NDArray[np.int64], count: int) -> Floats:
    """The days after the same weekday a year before, at the size of the last four weeks: a row an origin."""
    sums = np.concatenate(([0.0], np.cumsum(whole)))
    now, then = (sums[at + 1] - sums[at + 1 - MEAN_DAYS] for at in (origins, origins - YEAR_DAYS))
    alike = (now > 0) & (then > 0)
    ratio = np.where(alike, np.clip(now / np.where(alike, then, 1.0), LEAST_RATIO, MOST_RATIO), 1.0)
    return np.asarray(whole[origins[:, np.newaxis] - YEAR_DAYS + 1 + np.arange(count)] * ratio[:, np.newaxis])


def _went_this_way(first: date, amounts: Floats, whole: Floats, before: NDArray[np.int64], since: int) -> bool:
    """Whether the course of the months before, or of the year before, explains most of what has changed ``since``."""
    days = np.arange(since, min(since + LONGEST_DAYS, len(amounts)))
    if before[days].min() < 0:
        return False
    course, sized, _ = _paths(first, amounts, before, np.array([since - 1]), days[np.newaxis])
    courses = [course[0], sized[0]]
    origin = np.array([since - 1 + len(whole) - len(amounts)])
    if origin[0] >= YEAR_DAYS + MEAN_DAYS:
        courses.append(_last_year(whole, origin, len(days))[0])
    usual = amounts[max(0, since - CHANGE_DAYS) : since].mean()
    actual = amounts[days]
    missed = min(float(np.abs(actual - told).sum()) for told in courses)
    return missed < EXPLAINED * float(np.abs(actual - usual).sum())


def _paths(
    first: date, amounts: Floats, before: NDArray[np.int64], origins: NDArray[np.int64], ahead: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """The course of the months before, the same at this month's size, and the mean of four weeks: a row an origin."""
    course = _mean_of_months(amounts, before, ahead, origins[:, np.newaxis])
    number, _ = days_of_month(first, len(amounts))
    every = np.arange(len(amounts))
    usual = _mean_of_months(amounts, before, every[np.newaxis], every[np.newaxis] - 1)[0]
    own, normal = (np.concatenate(([0.0], np.cumsum(of))) for of in (amounts, usual))
    starts = np.maximum(origins + 1 - number[origins], 0)
    spent, due = own[origins + 1] - own[starts], normal[origins + 1] - normal[starts]
    told = (number[origins] >= FIRST_DAYS) & (due > 0) & (spent > 0)
    ratio = np.where(told, np.clip(spent / np.where(told, due, 1.0), LEAST_RATIO, MOST_RATIO), 1.0)
    since = np.maximum(origins + 1 - MEAN_DAYS, 0)
    mean = (own[origins + 1] - own[since]) / (origins + 1 - since)
    return course, course * ratio[:, np.newaxis], np.broadcast_to(mean[:, np.newaxis], course.shape)


def _mean_of_months(
    amounts: Floats, before: NDArray[np.int64], days: NDArray[np.int64], known: NDArray[np.int64]
) -> Floats:
    """What each of ``days`` cost in the ``MONTHS`` months before, as far as those are ``known``; 0 where none is."""
    place = np.where(days >= 0, before[np.maximum(days, 0)], -1)
    while (place > known).any():
        place = np.where(place > known, before[np.maximum(place, 0)], place)
    total, count = np.zeros(np.broadcast(place, known).shape), np.zeros(np.broadcast(place, known).shape)
    for _ in range(MONTHS):
        there = place >= 0
        total += np.where(there, amounts[np.maximum(place, 0)], 0.0)
        count += there
        place = np.where(there, before[np.maximum(place, 0)], -1)
    return np.asarray(total / np.maximum(count, 1))


def _same_day_before(first: date, count: int) -> NDArray[np.int64]:
    """For each day the place of the same day of the month before (of a longer month's last days: its last day); the
    last day of a month has the last of the month before. -1 before the beginning."""
    number, is_last = days_of_month(first, count)
    at = np.arange(count)
    end_before = at - number  # the last day of the month before
    lengths = np.where(end_before >= 0, number[np.maximum(end_before, 0)], 31)
    place = np.where(is_last | (number > lengths), end_before, end_before - lengths + number)
    return np.asarray(np.where((end_before >= 0) & (place >= 0), place, -1))


def _origins(first: date, n: int, tested: int) -> NDArray[np.int64]:
    before = _same_day_before(first, n)
    place, found = n - 1, []
    for _ in range(TRIED_MONTHS):
        place = int(before[place])
        if place < 0:
            break
        found += [place + side for side in range(-TRIED_DAYS, TRIED_DAYS + 1)]
    return np.array([origin for origin in found if 0 <= origin < n - tested], dtype=np.int64)
