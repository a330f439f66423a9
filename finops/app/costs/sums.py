"""Costs by anything: from the rollup where its columns suffice, else from single rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from finops.app.costs.columns import column_of_rows
from finops.app.costs.query import CostQuery, CostSum, CostSums
from finops.errors import BadArguments, MissingRate
from finops.evaluate.drivers import charged_within
from finops.model.columns import Columns
from finops.model.cost_question import ALLOCATED_COST, DEFAULT_COST, Every
from finops.model.money import CONVERTED, SCALE
from finops.model.period import Period
from finops.model.rates import NO_RATES, Rates
from finops.ports.lake import MAY_BE_UNKNOWN, LakeView

MOST_SUMS = 1_000_000
"""Of one question: a page needs thousands, and the machine has other work."""

_KEYS = ("span", "day", "currency")

Progress = Callable[[int, int], None]


def sum_costs(
    view: LakeView,
    query: CostQuery,
    columns: Columns,
    rates: Rates = NO_RATES,
    *,
    progress: Progress = lambda _done, _all: None,
) -> CostSums:
    """Exact: the sum over all groups, spans or both is the sum without them, to the last digit.

    An amount is None where some row of it has no such cost (FOCUS wants ListCost and ContractedCost, some providers do
    not know them), where a rate is missing, or where rows of it may be among those that the view leaves out.
    ``progress``: called with the billing months read, and all of them, while single rows are read. Raises
    ``BadArguments`` for a column that is not known, or for too many sums.
    """
    if ALLOCATED_COST in query.costs:
        return _with_allocated(view, query, columns, rates, progress)
    if from_rows := needs_rows(view, query):
        found, sources, doubtful = _of_rows(view, query, columns, progress)
    else:
        found, sources, doubtful = _of_rollup(view, query)
    if found.height > MOST_SUMS:
        raise _too_many(found.height)
    sums, unconverted = _converted(found, query, rates)
    last = found.filter(pl.col("rows") > 0)["last"].max()
    assert last is None or isinstance(last, date)  # noqa: S101 - the type of the column
    doubted = {name: why for name, why in view.faults.sources.items() if name in sources}
    return CostSums(_doubted(sums, query, doubtful), sources, last, from_rows, unconverted, doubted)


def _with_allocated(view: LakeView, query: CostQuery, columns: Columns, rates: Rates, progress: Progress) -> CostSums:
    """AllocatedCost is EffectiveCost of the allocated view; the other costs are those of the bills."""
    billed = [cost for cost in query.costs if cost != ALLOCATED_COST]
    allocated, alone = view.allocated(), replace(query, costs=(DEFAULT_COST,))
    moved = sum_costs(allocated, alone, columns, rates, progress=progress)
    if allocated.moved().doubts:
        moved = replace(moved, sums=_doubted(moved.sums, alone, {one.group for one in moved.sums}))
    parts = [moved]
    if billed:
        parts.append(sum_costs(view, replace(query, costs=tuple(billed)), columns, rates, progress=progress))
    names = (ALLOCATED_COST,), tuple(billed)
    amounts: dict[tuple[int, tuple[str, ...], str], dict[str, Decimal | None]] = {}
    for costs, part in zip(names, parts, strict=False):
        for one in part.sums:
            amounts.setdefault((one.span, one.group, one.currency), {}).update(zip(costs, one.amounts, strict=True))
    sums = [
        CostSum(*key, tuple(found.get(cost, Decimal(0)) for cost in query.costs))
        for key, found in sorted(amounts.items())
    ]
    return CostSums(
        tuple(sums),
        tuple(sorted({source for part in parts for source in part.sources})),
        max((part.last for part in parts if part.last is not None), default=None),
        any(part.from_rows for part in parts),
        {currency: day for part in parts for currency, day in part.unconverted.items()},
        {source: why for part in parts for source, why in part.doubted.items()},
    )


def _doubted(sums: Sequence[CostSum], query: CostQuery, groups: Collection[tuple[str, ...]]) -> tuple[CostSum, ...]:
    """``groups``: those whose amounts are unknown in every span, in whatever currency there is."""
    if not groups:
        return tuple(sums)
    currencies = {query.currency} if query.currency else {one.currency for one in sums} or {""}
    unknown = (None,) * len(query.costs)
    known = {(one.span, one.group, one.currency): one for one in sums if one.group not in groups}
    known |= {
        (span, group, currency): CostSum(span, group, currency, unknown)
        for span in range(len(query.spans))
        for group in groups
        for currency in currencies
    }
    return tuple(known[key] for key in sorted(known))


def needs_rows(view: LakeView, query: CostQuery) -> bool:
    """Whether the rollup lacks a column, or does not tell which of its sums leave out unknown costs."""
    known = set(view.scopes().collect_schema().names())
    named = set(query.by).union(*(one.required_columns for one in query.conditions))
    doubtful = set(query.costs) & set(MAY_BE_UNKNOWN)
    return bool(named - known) or bool(
        doubtful and any(doubtful & set(costs) for costs in view.unknown_costs().values())
    )


def rows_in(view: LakeView, period: Period) -> int:
    """How many rows are charged on days of ``period``: what reading single rows would take."""
    days = view.costs_daily().filter(pl.col("day") >= period.start, pl.col("day") < period.end)
    return int(days.select(pl.col("rows").sum()).collect().item() or 0)


_Found = tuple[pl.DataFrame, tuple[str, ...], set[tuple[str, ...]]]
"""Sums, sources, and the groups that hold sources which the view leaves out."""


def _of_rollup(view: LakeView, query: CostQuery) -> _Found:
    scopes = view.scopes()
    for condition in query.conditions:
        scopes = scopes.filter(condition.expression())
    chosen = scopes.select(
        "scope_id", pl.col("source").alias("#source"), *(pl.col(name).fill_null("") for name in query.by)
    ).collect()
    groups = chosen.select(query.by).unique() if query.by else pl.DataFrame({"group": [0]})
    if query.by:
        groups = groups.sort(query.by).with_row_index("group").with_columns(pl.col("group").cast(pl.Int64))
        chosen = chosen.join(groups, on=query.by)
    else:
        chosen = chosen.with_columns(group=pl.lit(0, pl.Int64))
    _check_size(groups.height, query)
    day = pl.col("day")
    cells = view.costs_daily().filter(day >= query.period.start, day < query.period.end)
    found = (
        cells.select("scope_id", "day", pl.col("currency").fill_null(""), "rows", *query.costs)
        .join(chosen.lazy().select("scope_id", "group"), on="scope_id")
        .with_columns(_span(query), last=day)
        .with_columns(day=_day(query))
        .group_by("group", *_KEYS)
        .agg(pl.col(query.costs).sum(), pl.col("rows").sum(), pl.col("last").max())
        .collect(engine="streaming")
        .join(groups, on="group", maintain_order="left")
        .with_columns(pl.lit(value=False).alias(_unknown(cost)) for cost in query.costs)
    )
    doubtful = chosen.filter(pl.col("#source").is_in(list(view.faults.sources)))
    return found, tuple(sorted(chosen["#source"].unique())), _groups(doubtful, query)


def _of_rows(view: LakeView, query: CostQuery, columns: Columns, progress: Progress) -> _Found:
    """A billing month at a time, so that memory is bounded and progress can be told.

    Of rows that are left out nobody knows the group: all of them are doubtful.
    """
    keys = {f"#{place}": column_of_rows(name, columns, where="by") for place, name in enumerate(query.by)}
    needed = set().union(*(one.required_columns for one in query.conditions))
    rows = view.costs_by_day()
    known = rows.collect_schema().names()
    read = {*needed, *(name for expression in keys.values() for name in expression.meta.root_names())}
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(read - set(known)))
    for condition in query.conditions:
        rows = rows.filter(condition.expression())
    rows = within(rows, query.period)
    months = sorted({month for _, month in view.marks().periods})
    parts = []
    for done, month in enumerate(months):
        progress(done, len(months))
        parts.append(_summed(rows.filter(pl.col("billing_period") == month), query, keys).collect(engine="streaming"))
        if sum(part.height for part in parts) > 4 * MOST_SUMS:
            raise _too_many(sum(part.height for part in parts))
    progress(len(months), len(months))
    if not parts:
        parts = [_summed(rows, query, keys).collect()]
    by = [*keys, *_KEYS]
    found = (
        pl.concat(parts)
        .group_by(by)
        .agg(
            pl.col(query.costs).sum(),
            pl.col("rows").sum(),
            pl.col("last").max(),
            pl.col([_unknown(cost) for cost in query.costs]).any(),
            pl.col("#source").explode(),
        )
    )
    faulty = _possible(view.faults.sources, view, query)
    sources = tuple(sorted({*found["#source"].explode().drop_nulls(), *faulty}))
    found = found.drop("#source").rename(dict(zip(keys, query.by, strict=True)))
    return found, sources, (_groups(found, query) or {("",) * len(query.by)}) if faulty else set()


def _groups(rows: pl.DataFrame, query: CostQuery) -> set[tuple[str, ...]]:
    if not query.by:
        return {()} if rows.height else set()
    return set(rows.select(query.by).unique().iter_rows())


def _possible(names: Collection[str], view: LakeView, query: CostQuery) -> list[str]:
    """Those of the sources that have rows, which could satisfy the conditions."""
    if not names:
        return []
    known = sources_with_rows(view)
    return [name for name in names if name in known and query.may_hold(name)]


def sources_with_rows(view: LakeView) -> set[str]:
    return set(view.scopes().select("source").unique().collect()["source"])


def _summed(rows: pl.LazyFrame, query: CostQuery, keys: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    something = (pl.col("BilledCost") != 0) | (pl.col("EffectiveCost") != 0)
    return (
        rows.with_columns(
            *(expression.cast(pl.String).fill_null("").alias(key) for key, expression in keys.items()),
            _span(query),
            currency=pl.col("BillingCurrency").fill_null(""),
            last=pl.col("day"),
        )
        .with_columns(day=_day(query))
        .group_by(*keys, *_KEYS)
        .agg(
            pl.col(query.costs).sum(),
            *((pl.col(cost).is_null() & something).any().alias(_unknown(cost)) for cost in query.costs),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("last").max(),
            pl.col("source").unique().alias("#source"),
        )
    )


def within(rows: pl.LazyFrame, period: Period) -> pl.LazyFrame:
    """Rows of ``costs_by_day`` whose day is in ``period``; files without these days are not read at all."""
    days = pl.col("day") >= period.start, pl.col("day") < period.end
    return rows.filter(charged_within(period), *days)


def _span(query: CostQuery) -> pl.Expr:
    """The place of the day's span among ``query.spans``."""
    day, starts = pl.col("day"), [span.start for span in query.spans]
    if query.every is Every.ALL:
        place = pl.lit(0, pl.Int64)
    elif query.every is Every.DAY:
        place = (day - pl.lit(query.period.start)).dt.total_days()
    elif query.every is Every.WEEK:
        monday = starts[0] - timedelta(days=starts[0].weekday())
        place = (day - pl.lit(monday)).dt.total_days() // 7
    else:
        months = day.dt.year().cast(pl.Int64) * 12 + day.dt.month()
        length = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}[query.every]
        first = starts[0].year * 12 + starts[0].month
        into = (starts[0].month - query.fiscal_year_starts) % 12 % length
        place = (months - (first - into)) // length
    return place.cast(pl.Int64).alias("span")


def _day(query: CostQuery) -> pl.Expr:
    """Only what has to be converted is kept by day."""
    if not query.currency:
        return pl.lit(None, pl.Date)
    return pl.when(pl.col("currency") != query.currency).then(pl.col("day")).otherwise(pl.lit(None, pl.Date))


def _unknown(cost: str) -> str:
    return f"unknown {cost}"


def _converted(found: pl.DataFrame, query: CostQuery, rates: Rates) -> tuple[tuple[CostSum, ...], Mapping[str, date]]:
    """Amount x rate in whole numbers: both are counted in 10^-15 and cut into parts whose products leave room for the
    sum of ten million of them in 128 bits."""
    factors, missing = _factors(found, query, rates)
    rows = found.join(factors, on=["currency", "day"], how="left", nulls_equal=True).with_columns(
        pl.lit(query.currency).alias("currency") if query.currency else pl.col("currency"),
        *(pl.col(cost).to_physical().cast(pl.Int128) for cost in query.costs),
    )
    keys, width = ["span", *query.by, "currency"], len(query.costs)
    above = {cost: pl.col(cost) // _UNIT for cost in query.costs}
    added = rows.group_by(keys).agg(
        *(
            (part * pl.col(f"rate {at}")).sum().alias(f"{cost} {at} {upper}")
            for cost in query.costs
            for upper, part in enumerate((pl.col(cost) - above[cost] * _UNIT, above[cost]))
            for at in range(_RATE_PARTS)
        ),
        *((pl.col(_unknown(cost)) | pl.col("missing")).any().alias(_unknown(cost)) for cost in query.costs),
    )
    sums = []
    for row in added.iter_rows():
        (span, *group, currency), parts, unknown = row[: len(keys)], row[len(keys) : -width], row[-width:]
        amounts = tuple(
            None if unknown[at] else _amount(parts[at * len(_WEIGHTS) : (at + 1) * len(_WEIGHTS)])
            for at in range(width)
        )
        sums.append(CostSum(span, tuple(group), currency, amounts))
    return tuple(sorted(sums, key=lambda one: (one.span, one.group, one.currency))), missing


_UNIT = 10**SCALE
_RATE_PART, _RATE_PARTS = 10**8, 3
"""A rate has 15 digits behind the point and, so, 9 before it."""
_WEIGHTS = tuple(_UNIT**upper * _RATE_PART**at for upper in range(2) for at in range(_RATE_PARTS))


def _amount(parts: Sequence[int]) -> Decimal:
    number = sum(part * weight for part, weight in zip(parts, _WEIGHTS, strict=True) if part)
    return Decimal(number).scaleb(-2 * SCALE, CONVERTED)


def _factors(found: pl.DataFrame, query: CostQuery, rates: Rates) -> tuple[pl.DataFrame, Mapping[str, date]]:
    """``currency``, ``day``, ``rate 0`` … (least first), ``missing``; each pair of ``found`` once. And the first day
    without a rate, by currency."""
    missing: dict[str, date] = {}
    rows = []
    for own, day in found.select("currency", "day").unique().sort("currency", "day").iter_rows():
        factor, is_missing = Decimal(1), False
        if day is not None:
            try:
                factor = rates.factor(day, own, query.currency)
            except MissingRate:
                missing.setdefault(own, day)
                is_missing = True
        number = int(factor.scaleb(SCALE, CONVERTED))
        if number >= _RATE_PART**_RATE_PARTS:
            raise BadArguments(
                f"the rate from {own} to {query.currency} for {day} is {factor}", where="rates", remedy="Correct it"
            )
        rows.append(
            (
                own,
                day,
                *(number // _RATE_PART**at % _RATE_PART for at in range(_RATE_PARTS)),
                is_missing,
            )
        )
    parts = {f"rate {at}": pl.Int128() for at in range(_RATE_PARTS)}
    schema = {"currency": pl.String(), "day": pl.Date(), **parts, "missing": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row"), missing


def _check_size(groups: int, query: CostQuery) -> None:
    if groups * len(query.spans) > MOST_SUMS:
        raise _too_many(groups * len(query.spans))


def _too_many(sums: int) -> BadArguments:
    return BadArguments(
        f"that may be {sums:,} sums, more than {MOST_SUMS:,}",
        where="by",
        remedy="Request fewer columns, a shorter period, a narrower scope, or every=month",
    )
