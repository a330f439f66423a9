"""Which share of a day's shared costs each value gets, and why there is none on some days."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

import polars as pl

from finops.allocate.rules import Rule
from finops.allocate.split import largest, whole_weights
from finops.errors import MissingRate
from finops.model.allocation import BySeries, ByWeights
from finops.model.money import EXACT, SCALE
from finops.model.rates import Rates

SHARES = pl.Schema(
    {"day": pl.Date(), "value": pl.String(), "weight": pl.Int128(), "total": pl.Int128(), "largest": pl.Boolean()}
)

STAYS = ""
"""The value of a share that nobody is known to own: its cost stays where it was."""

_Weights = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class DayShares:
    """``frame``: of ``SHARES``, none for a day that cannot be divided. ``unknown``: day -> why it, or the share
    ``STAYS`` of it, stays where it was; half a sentence."""

    frame: pl.DataFrame
    unknown: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Driver:
    """``weights``: by day, of those days that have any. ``why``: what is not known of a day."""

    weights: Mapping[date, _Weights]
    why: Callable[[date], str]


def weights_of_series(by: BySeries, rows: pl.DataFrame, fault: str) -> Driver:
    """``rows``: ``day``, ``value``, ``dimensions`` (JSON) of the series. ``fault``: why the lake's rows of it must not
    be used; empty where they may."""
    if fault:
        return Driver({}, lambda _day: f"demand {by.series}: {fault}")
    weights: dict[date, _Weights] = defaultdict(lambda: defaultdict(Decimal))
    unowned: dict[date, str] = {}
    dimensional = False
    with localcontext(EXACT):
        for day, value, dimensions in rows.select("day", "value", "dimensions").iter_rows():
            named = json.loads(dimensions or "{}")
            dimensional = dimensional or by.dimension in named
            own = named.get(by.dimension, "")
            target = by.values.get(own, STAYS) if by.values else own
            weights[day][target] += value
            if target == STAYS and value:
                unowned[day] = max(own, unowned.get(day, ""))

    def why(day: date) -> str:
        if dimensional and day in unowned:
            shown = f"{by.dimension} '{unowned[day]}'" if unowned[day] else f"a part without {by.dimension}"
            return f"nobody is known to own {shown} of the demand series {by.series}"
        missing = f"no value for {day}" if dimensional or rows.is_empty() else f"no dimension {by.dimension}"
        return f"the demand series {by.series} has {'no data' if rows.is_empty() else missing}"

    return Driver(weights if dimensional else {}, why)


def weights_of_spend(spent: pl.DataFrame, rates: Callable[[], Rates], currency: str) -> Driver:
    """``spent``: ``day``, ``currency``, ``value`` (of the dimension), ``EffectiveCost``. Several currencies are
    compared in ``currency``, at the day's own rate."""
    weights: dict[date, _Weights] = defaultdict(lambda: defaultdict(Decimal))
    no_rate: dict[date, str] = {}
    known = rates() if spent["currency"].n_unique() > 1 else None
    with localcontext(EXACT):
        for day, own, value, amount in spent.select("day", "currency", "value", "EffectiveCost").iter_rows():
            try:
                weights[day][value] += amount * (known.factor(day, own, currency) if known is not None else 1)
            except MissingRate:
                no_rate[day] = f"no exchange rate from {own} to {currency} for {day}"
    for day in no_rate:
        weights.pop(day, None)
    return Driver(weights, lambda day: no_rate.get(day, f"there is no spend to follow on {day}"))


def fixed_weights(by: ByWeights, days: Iterable[date]) -> Driver:
    return Driver({day: dict(by.weights) for day in days}, str)


def day_shares(driver: Driver, rule: Rule, before: Sequence[Rule], days: Sequence[date]) -> DayShares:
    """The shares of each of ``days``. A value whose costs this rule or one ``before`` it distributes gets none back,
    whatever it used: the others share all of it."""
    values = {value for weights in driver.weights.values() for value in weights if value != STAYS}
    same = [one for one in (*before, rule) if one.allocation.to == rule.allocation.to]
    closed = {value for value in values if any(one.distributes(value) for one in same)}
    columns: dict[str, list[object]] = {name: [] for name in SHARES}
    unknown: dict[date, str] = {}
    done: dict[tuple[tuple[str, Decimal], ...], dict[str, int]] = {}
    for day in days:
        own = {value: weight for value, weight in driver.weights.get(day, {}).items() if value not in closed and weight}
        negative = sorted(value for value, weight in own.items() if weight < 0)
        if negative:
            unknown[day] = f"the weight of {negative[0] or 'the part without an owner'} is negative on {day}"
        elif not own:
            unknown[day] = driver.why(day) if day not in driver.weights else f"all weights are zero on {day}"
        else:
            key = tuple(sorted(own.items()))
            if key not in done:
                done[key] = whole_weights({value: int(weight.scaleb(2 * SCALE, EXACT)) for value, weight in key})
            parts = done[key]
            first, total = largest(parts), sum(parts.values())
            for value, part in parts.items():
                for name, item in zip(SHARES, (day, value, part, total, value == first), strict=True):
                    columns[name].append(item)
            if STAYS in parts:
                unknown[day] = driver.why(day)
    return DayShares(pl.DataFrame(columns, schema=SHARES), unknown)
