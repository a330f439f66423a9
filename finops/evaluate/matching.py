"""Which rows belong to which policy and group, and what they cost: one plan for all policies together.

Conditions over columns of ``scopes`` are evaluated on ``scopes`` alone; their series is one join and one ``group_by``
with ``costs_daily``. Conditions that name other columns (ResourceId, SkuId, a raw tag) share one scan of single rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

import polars as pl

from finops.evaluate.envelope import Envelope
from finops.evaluate.facts import LOOK_BACK, Values
from finops.model.money import EXACT
from finops.model.period import Period
from finops.ports.lake import COSTS, LakeView

GroupKey = tuple[str, ...]
"""Values of ``group_by`` in its order; no value is the empty text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one policy asks of the lake. ``window``: days whose costs it sums; None: only who matches.

    ``split_by`` and ``costs``: see ``Needs``.
    """

    envelope: Envelope
    window: Period | None
    split_by: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        return self.envelope.columns | set(self.split_by)


@dataclass(slots=True)
class Matched:
    """``sources``: every source with rows in the group, ever. ``seen``: rows within ``LOOK_BACK``."""

    sources: set[str] = field(default_factory=set)
    seen: bool = False
    daily: dict[date, dict[str, Decimal]] = field(default_factory=dict)
    parts: dict[str, dict[Values, dict[date, dict[str, Decimal]]]] = field(default_factory=dict)


Matches = list[dict[GroupKey, Matched]]
"""One entry a policy, in the order asked."""


def match(view: LakeView, wanted: Sequence[Wanted], *, today: date) -> Matches:
    """Groups of each policy with sources and daily costs up to ``today``, in each row's own currency."""
    known = set(view.scopes().collect_schema().names())
    matches: Matches = [{} for _ in wanted]
    by_scope = [index for index, one in enumerate(wanted) if one.columns <= known]
    if by_scope:
        _match_scopes(view, wanted, by_scope, today, matches)
    by_row = [index for index, one in enumerate(wanted) if not one.columns <= known]
    if by_row:
        _match_rows(view, wanted, by_row, today, matches)
    return matches


def _match_scopes(view: LakeView, wanted: Sequence[Wanted], chosen: Sequence[int], today: date, out: Matches) -> None:
    needed = {"scope_id", "source"}.union(*(wanted[index].columns for index in chosen))
    scopes = view.scopes().select(sorted(needed)).collect()
    cells = view.costs_daily().filter(pl.col("day") <= today)
    alive = cells.filter(pl.col("day") > today - LOOK_BACK).select("scope_id").unique()
    scopes = scopes.join(alive.with_columns(seen=pl.lit(value=True)).collect(), on="scope_id", how="left")
    pairs = []
    for index in chosen:
        envelope = wanted[index].envelope
        pair = scopes.filter(_holds(envelope)).select(
            pl.lit(index, dtype=pl.UInt32).alias("policy"),
            _values(envelope.group_by).alias("key"),
            _values(wanted[index].split_by).alias("part"),
            "scope_id",
            "source",
            "seen",
        )
        _note(pair, out)
        pairs.append(pair.select("policy", "key", "part", "scope_id"))
    windows = _windows(wanted, chosen)
    if windows is None:
        return
    series = (
        pl.concat(pairs)
        .lazy()
        .join(windows.lazy(), on="policy")
        .join(
            cells.filter(pl.col("day") >= windows["start"].min()).select("scope_id", "day", "currency", *COSTS),
            on="scope_id",
        )
    )
    _sum(series, wanted, out)


def _match_rows(view: LakeView, wanted: Sequence[Wanted], chosen: Sequence[int], today: date, out: Matches) -> None:
    windows = _windows(wanted, chosen)
    starts = [today - LOOK_BACK, *(windows["start"].to_list() if windows is not None else [])]
    rows = view.costs_by_day().filter(pl.col("day").is_between(min(starts), today))
    missing = set().union(*(wanted[index].columns for index in chosen)) - set(rows.collect_schema().names())
    rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in sorted(missing))
    keys = [
        pl.when(_holds(wanted[index].envelope)).then(
            pl.struct(
                pl.lit(index, dtype=pl.UInt32).alias("policy"),
                _values(wanted[index].envelope.group_by).alias("key"),
                _values(wanted[index].split_by).alias("part"),
            )
        )
        for index in chosen
    ]
    matched = (
        rows.select(
            pl.concat_list(keys).list.drop_nulls().alias("match"),
            "source",
            "day",
            pl.col("BillingCurrency").alias("currency"),
            *COSTS,
        )
        .filter(pl.col("match").list.len() > 0)
        .explode("match", empty_as_null=False, keep_nulls=False)
        .unnest("match")
        .group_by("policy", "key", "part", "source", "day", "currency")
        .agg(pl.col(COSTS).sum())
        .collect(engine="streaming")
    )
    seen = (pl.col("day") > today - LOOK_BACK).any().alias("seen")
    _note(matched.group_by("policy", "key", "source").agg(seen), out)
    if windows is not None:
        _sum(matched.lazy().join(windows.lazy(), on="policy"), wanted, out)


def _holds(envelope: Envelope) -> pl.Expr:
    return envelope.condition.expression() if envelope.condition is not None else pl.lit(value=True)


def _values(columns: Sequence[str]) -> pl.Expr:
    """The values of ``columns`` as JSON text: no value can be mistaken for another's separator."""
    if not columns:
        return pl.lit("{}")
    values = [pl.col(column).fill_null("").alias(str(place)) for place, column in enumerate(columns)]
    return pl.struct(values).struct.json_encode()


@lru_cache(maxsize=65536)  # the same few keys come back on every row
def _group(key: str) -> GroupKey:
    return tuple(json.loads(key).values())


def _note(pairs: pl.DataFrame, out: Matches) -> None:
    found = pairs.group_by("policy", "key", "source").agg(pl.col("seen").any())
    for policy, key, source, seen in found.select("policy", "key", "source", "seen").iter_rows():
        matched = out[policy].setdefault(_group(key), Matched())
        matched.sources.add(source)
        matched.seen = matched.seen or bool(seen)


def _windows(wanted: Sequence[Wanted], chosen: Sequence[int]) -> pl.DataFrame | None:
    rows = [(index, one.start, one.end) for index in chosen if (one := wanted[index].window) is not None]
    schema = {"policy": pl.UInt32, "start": pl.Date, "end": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else None


def _sum(series: pl.LazyFrame, wanted: Sequence[Wanted], out: Matches) -> None:
    """``series``: policy, key, part, day, currency, the four costs, the policy's window. Sums are exact."""
    sums = (
        series.filter(pl.col("day") >= pl.col("start"), pl.col("day") < pl.col("end"))
        .group_by("policy", "key", "part", "day", "currency")
        .agg(pl.col(COSTS).sum())
        .collect(engine="streaming")
    )
    columns = {name: place for place, name in enumerate(COSTS, start=5)}
    for row in sums.select("policy", "key", "part", "day", "currency", *COSTS).iter_rows():
        policy, key, part, day, currency = row[:5]
        matched, one = out[policy][_group(key)], wanted[policy]
        _add(matched.daily, day, currency, row[columns[one.envelope.cost]])
        if one.split_by:
            values = _group(part)
            for cost in one.costs or (one.envelope.cost,):
                _add(matched.parts.setdefault(cost, {}).setdefault(values, {}), day, currency, row[columns[cost]])


def _add(daily: dict[date, dict[str, Decimal]], day: date, currency: str, amount: Decimal) -> None:
    of_day = daily.setdefault(day, {})
    of_day[currency] = EXACT.add(of_day.get(currency, Decimal(0)), amount)
