"""The days to come of one daily series: each day's amount, their sum, and an interval that holds 80 % of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from finops.deferred import numpy as np
from finops.evaluate.forecasting.level import WAYS, levels, trend_reach, trend_steps
from finops.evaluate.forecasting.month_course import LONGEST_DAYS, Ways, ways
from finops.evaluate.forecasting.pattern import LEAST, Pattern, Places, pattern
from finops.evaluate.forecasting.recurring import recurring
from finops.evaluate.forecasting.rows import Bools, Floats
from finops.evaluate.forecasting.shift import lasting, regime, steps_of
from finops.model.calendar import NO_DAYS_OFF, DaysOff

FEWEST_DAYS = 14
PATTERN_DAYS = 400
"""So many of the last days tell level, weekdays and charges; earlier ones only the course of a year."""
COVERAGE = 0.8
WEEK = 7
YOUNG_DAYS = 90
"""With fewer errors than this the newest step, which is known, is left out of them."""
LONE_STEPS, LASTED_DAYS = 2, 31
"""So many steps in a history are no habit; a level has lasted after so many days."""
BEND = 1.0
"""A trend can bend or end: the interval reaches to this share of what it adds, more or less."""
MEMORY_DAYS = 20.0
"""A level is known as well as from the mean of so many days."""
WANDERING = 0.003
"""A level wanders on: times the cube of the days, as a share of the noise's variance, in that of their sum."""
SHORT = 300.0
"""The noise of a young series shows too small in its own pattern: by a share of this ÷ days²."""
FEW_ERRORS = 1.0
"""What n independent errors say is itself unsure: Student's t is farther out by about this ÷ n."""
TREND_BOOST = 20.0
"""Where a slope stands out, ways that follow a trend are trusted so many times more."""
FAITH = 4.0
"""A way that errs half as much is trusted two to this power times as much, over a week and over the days to come."""
RECENT_DAYS = 60.0
"""The errors of so many days ago count half when ways are weighed."""
_NORMAL_REACH = 1.2816
"""Half the width of an interval that holds 80 % of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """``days``: what each day is expected to come to. ``reach[i]``: half the width of the 80 % interval around the sum
    of the days up to and with day ``i``."""

    first: date
    days: Floats
    reach: Floats

    @property
    def total(self) -> float:
        return float(self.days.sum())


def outlook(first: date, amounts: Floats, *, count: int, off: DaysOff = NO_DAYS_OFF) -> Outlook:
    """``amounts``: one a day from ``first``, NaN where missing. The ``count`` days after them are foreseen. ``off``:
    public holidays, which have an effect of their own where the series' past ones did.

    Recurring charges are told apart from usage, and added where they are due. Usage is never foreseen below zero, nor
    below what it ever was where credits bring it there.
    """
    older, amounts = amounts[:-PATTERN_DAYS], amounts[-PATTERN_DAYS:]
    first += timedelta(days=len(older))
    whole = amounts
    charges = recurring(first, amounts)
    amounts = np.where(charges.days, np.nan, amounts)
    found = pattern(first, amounts, off)
    ahead = first + timedelta(days=len(amounts))
    seen = [(level[0], slope[0]) for level, slope in (levels(found.calm[np.newaxis], way) for way in WAYS)]
    shares, errors = _weighed(found, seen, count)
    noise = found.noise * found.scale * max(1.0, float(np.sqrt(np.mean(found.size**2))))  # large days are noisier
    newest = regime(found.calm, noise * (lasting(found.calm / noise) if found.noise > 0 else 1.0))
    since = newest.since
    if since:
        recent = np.where(np.arange(len(found.calm)) < since, np.nan, found.calm)[np.newaxis]
        seen = [(level[0], slope[0]) for level, slope in (levels(recent, way) for way in WAYS)]
    if newest.trending:
        shares = np.where([way.trend for way in WAYS], shares * TREND_BOOST, shares)
        shares /= shares.sum()
    level, slope = 0.0, 0.0
    for share, (standing, leaning) in zip(shares, seen, strict=True):
        level += share * float(standing[-1])
        slope += share * float(leaning[-1])
    path = _path(level, slope, count, compound=newest.trending and level > found.floor) + _bursts(found)
    effects = found.effects(ahead, count)
    days = np.maximum(path + np.maximum(np.abs(path), found.floor) * effects, min(0.0, float(np.nanmin(amounts))))
    scale = max(abs(level), found.floor)
    bending = BEND * abs(slope) * trend_steps(count).cumsum() if newest.trending else 0.0
    steps = _forgotten(found, noise, since, len(errors))
    tested = min(count, max(1, len(amounts) // 3))
    kept = errors[_undisturbed(steps, np.arange(len(errors)) + FEWEST_DAYS - 1, tested)]
    reach = _reach(found, kept, np.maximum(LEAST, 1 + effects), len(amounts) - since)
    unsure = _NORMAL_REACH * np.sqrt(found.unsure(ahead, count))
    charged, variances = charges.ahead(ahead, count)
    reach = np.hypot(np.hypot(scale * np.hypot(reach, unsure), bending), _NORMAL_REACH * np.sqrt(variances.cumsum()))
    own = Outlook(ahead, days + charged, reach)
    if count > LONGEST_DAYS or 3 * count > len(amounts) or (newest.trending and not since):
        return own
    older = np.where(np.isnan(older), found.level[0], older)
    others = ways(first, np.where(np.isnan(whole), found.level, whole), count, since, older)
    if others is None:
        return own
    others = others.only(_undisturbed(steps, others.origins, count))
    places = others.origins - _first_origin(len(amounts), count)
    return _blended(own, others, errors[places] * found.scale[others.origins])


def _blended(own: Outlook, others: Ways, own_errors: Floats) -> Outlook:
    """What the level foresees with what other ways do, as far as each is trusted. ``own_errors``: in money."""
    days, share, missed = others.blended(own.days, own_errors)
    count = len(days)
    reach = share * own.reach + (1 - share) * missed * np.sqrt(np.arange(1, count + 1) / count)
    return Outlook(own.first, days, reach)


def _first_origin(n: int, reach: int) -> int:
    """The first day (an index) that is foretold from."""
    return min(FEWEST_DAYS - 1, n - reach - 1)


def _path(level: float, slope: float, count: int, *, compound: bool) -> Floats:
    steps = slope * trend_steps(count)
    return level * np.exp(np.clip(steps / level, -1.0, 1.0)) if compound else level + steps


def _weighed(found: Pattern, seen: list[tuple[Floats, Floats]], count: int) -> tuple[Floats, Floats]:
    """How far each way is trusted, from how well it foretold sums of a week and of ``count`` days, lately; and the
    errors that the mixture would have made over ``count`` days, as shares of the scale. ``seen``: level and slope a
    day, of each way."""
    n = len(found.plain)
    known = ~np.isnan(found.plain)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, found.plain, found.level))))
    far = _errors(found, sums, seen, min(count, max(1, n // 3)))
    near = _errors(found, sums, seen, min(WEEK, count, max(1, n // 3)))
    shares = (_lately(far) * _lately(near)) ** -FAITH
    shares /= shares.sum()
    return shares, shares @ far


def _errors(found: Pattern, sums: Floats, seen: list[tuple[Floats, Floats]], reach: int) -> Floats:
    """One row a way: what the next ``reach`` days came to beyond what was foretold, for every origin."""
    n = len(found.plain)
    origins = np.arange(_first_origin(n, reach), n - reach)
    actual = sums[origins + 1 + reach] - sums[origins + 1]
    levels_then = np.array([level[origins] for level, _ in seen])
    slopes_then = np.array([slope[origins] for _, slope in seen])
    told = reach * levels_then + trend_reach(0, reach) * slopes_then
    return np.asarray((actual - told) / found.scale[origins])


def _lately(errors: Floats) -> Floats:
    age = np.arange(errors.shape[1] - 1, -1, -1.0)
    weights = np.exp2(-age / RECENT_DAYS)
    return np.asarray(np.abs(errors) @ weights / weights.sum() + 1e-9)


def _forgotten(found: Pattern, noise: Floats, since: int, origins: int) -> list[int]:
    """Steps (first days of a level, as indices) that say nothing of the days to come: those that stand alone in the
    history, once the level has lasted; and the newest of a young series, which is known. Where steps are a habit, they
    are part of the odds."""
    steps = steps_of(found.calm, float(noise.mean()) * (lasting(found.calm / noise) if found.noise > 0 else 1.0))
    lone = [step for step in steps if step <= len(found.calm) - LASTED_DAYS] if len(steps) <= LONE_STEPS else []
    return [*lone, *([since] if since and origins < YOUNG_DAYS else [])]


def _undisturbed(steps: Sequence[int], origins: Places, reach: int) -> Bools:
    """Origins that did not have one of ``steps`` ahead of them or just behind them; all, where too few are left."""
    kept = np.ones(len(origins), dtype=bool)
    for step in steps:
        kept &= (origins < step - reach) | (origins >= step + WEEK)
    return kept if np.count_nonzero(kept) >= FEWEST_DAYS else np.ones_like(kept)


def _bursts(found: Pattern) -> float:
    """What spikes add to an ordinary day, where they are a habit: at least four in 13 weeks."""
    excess = (found.plain - found.calm)[-91:]
    excess = excess[~np.isnan(excess)]
    return float(excess.mean()) if np.count_nonzero(excess) >= 4 else 0.0


def _reach(found: Pattern, errors: Floats, sizes: Floats, standing_days: int) -> Floats:
    """Half widths, as shares of the scale, of the sums of 1 … days ahead; ``sizes``: where they are large so is noise.

    The form is that of a level that is known from some days and wanders on; its size comes from the errors that would
    have been made, as far as there are enough of them.
    """
    n, count = len(found.plain), len(sizes)
    tested = min(count, max(1, n // 3))
    horizon = np.arange(1.0, count + 1)
    noise = found.noise * (1 + SHORT / n**2)
    quantile = float(np.quantile(np.abs(errors), COVERAGE))
    independent = len(errors) / tested + 1
    weight = independent / (independent + 2.0)
    usual = _form(horizon, MEMORY_DAYS) * noise * np.sqrt(np.cumsum(sizes**2) / horizon)
    quantile *= 1 + FEW_ERRORS / independent
    factor = np.sqrt(weight * (quantile / max(usual[tested - 1], 1e-12)) ** 2 + (1 - weight))
    form = _form(horizon, min(MEMORY_DAYS, standing_days**2 / 24))
    return np.asarray(form * noise * np.sqrt(np.cumsum(sizes**2) / horizon) * factor)


def _form(horizon: Floats, memory_days: float) -> Floats:
    return np.asarray(_NORMAL_REACH * np.sqrt(horizon + horizon**2 / memory_days + WANDERING * horizon**3))
