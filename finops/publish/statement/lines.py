"""The rollup of one billing month -> exact amounts in the statement's currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import NamedTuple, TypeVar

import polars as pl

from finops.model.money import EXACT, minor_unit, quantise
from finops.model.period import month_start
from finops.model.rates import Rates
from finops.model.team_scope import TeamScope
from finops.ports.lake import LakeView

Key = TypeVar("Key")


def in_cents(amounts: Mapping[Key, Decimal], currency: str) -> dict[Key, Decimal]:
    """Each amount in whole cents, none further than a cent from the exact one, the sum that of the exact ones rounded.

    A cent is the minor unit of ``currency``: a yen of JPY.

    The cents that rounding down leaves go to the largest remainders, in the order of the keys where they tie: the
    largest remainder method (Hamilton), as it shares out seats. The same amounts give the same cents.
    """
    cent = minor_unit(currency)
    with localcontext(EXACT):
        total = sum(amounts.values(), Decimal(0)).quantize(cent)
        down = {key: amount.quantize(cent, rounding=ROUND_FLOOR) for key, amount in amounts.items()}
        left = int((total - sum(down.values(), Decimal(0))) / cent)
        by_remainder = sorted(amounts, key=lambda key: down[key] - amounts[key])  # sorted() keeps the order of ties
        return {**down, **{key: down[key] + cent for key in by_remainder[:left]}}


COSTS = ("BilledCost", "EffectiveCost")


class LineKey(NamedTuple):
    """What a line of the statement is told apart by; see ``finops.model.statement.StatementLine``."""

    whose: str
    service: str
    source: str
    category: str
    correction: bool
    charged_in: date | None
    currency: str


def month_lines(
    view: LakeView,
    month: date,
    *,
    by: str,
    currency: str,
    rates: Rates,
    through: Mapping[str, date] | None = None,
    of: TeamScope | None = None,
) -> Mapping[LineKey, tuple[Decimal, Decimal]]:
    """key -> (BilledCost, EffectiveCost) in ``currency``, exact to 15 digits, sorted by key; empty without a bill.

    A row counts in its billing month, whatever its days; each day's amount is converted with that day's rate.
    ``through``: by source the last day that counts; all days of a source that it does not name. ``of``: only rows
    of these teams. Raises ``MissingRate``.
    """
    found: dict[LineKey, tuple[Decimal, Decimal]] = {}
    with localcontext(EXACT):
        for key, day, billed, effective in _cells(view, month, by, through or {}, of):
            factor = rates.factor(day, key.currency, currency)
            before = found.get(key, (Decimal(0), Decimal(0)))
            found[key] = (before[0] + quantise(billed * factor), before[1] + quantise(effective * factor))
    return dict(sorted(found.items(), key=lambda item: tuple(str(part or "") for part in item[0])))


def _cells(
    view: LakeView, month: date, by: str, through: Mapping[str, date], of: TeamScope | None
) -> Iterator[tuple[LineKey, date, Decimal, Decimal]]:
    labels = {
        "whose": pl.col(by),
        "service": pl.col("ServiceName"),
        "source_name": pl.col("source"),
        "category": pl.col("ChargeCategory"),
    }
    scopes = _scopes(view, of).select(
        "scope_id",
        *(column.fill_null("").alias(name) for name, column in labels.items()),
        (pl.col("ChargeClass") == "Correction").fill_null(value=False).alias("correction"),
    )
    told_apart = [*labels, "correction", "currency", "day"]
    last = pl.col("source_name").replace_strict(dict(through), default=date.max, return_dtype=pl.Date)
    rows = (
        view.costs_daily()
        .filter(pl.col("billing_period") == month)
        .select("scope_id", "day", pl.col("currency").fill_null(""), *COSTS)
        .join(scopes, on="scope_id")
        .filter(pl.col("day") <= last)
        .group_by(told_apart)
        .agg(pl.col(COSTS).sum())
        .sort(told_apart)
        .collect()
    )
    for whose, service, source, category, correction, own, day, billed, effective in rows.iter_rows():
        earlier = month_start(day) if day < month else None
        yield LineKey(whose, service, source, category, correction, earlier, own), day, billed, effective


class Apart(NamedTuple):
    """EffectiveCost, exact, in the bill's ``currency``, where bill and day are of different months. ``billed``: a bill
    of the statement's month holds it for a day of another one; else another bill holds it for a day of the month."""

    whose: str
    service: str
    billed: bool
    day: date
    currency: str
    effective: Decimal


def billed_apart(view: LakeView, month: date, *, by: str, of: TeamScope | None = None) -> list[Apart]:
    """What statement and days of the month do not share."""
    is_billed, is_charged = pl.col("billing_period") == month, pl.col("day").dt.month_start() == month
    told_apart = ["whose", "service", "billed", "day", "currency"]
    scopes = _scopes(view, of).select(
        "scope_id", whose=pl.col(by).fill_null(""), service=pl.col("ServiceName").fill_null("")
    )
    rows = (
        view.costs_daily()
        .filter(is_billed != is_charged)
        .select("scope_id", "day", pl.col("currency").fill_null(""), "EffectiveCost", billed=is_billed)
        .join(scopes, on="scope_id")
        .group_by(told_apart)
        .agg(pl.col("EffectiveCost").sum())
        .sort(told_apart)
        .collect()
    )
    return [Apart(*row) for row in rows.iter_rows()]


def _scopes(view: LakeView, of: TeamScope | None) -> pl.LazyFrame:
    return view.scopes().filter(of.rows()) if of is not None else view.scopes()


def bill_sums(view: LakeView, month: date) -> Mapping[tuple[str, str], tuple[Decimal, Decimal]]:
    """(source, currency of the bill) -> (BilledCost, EffectiveCost) of the month, exact, unconverted."""
    sources = view.scopes().select("scope_id", "source")
    rows = (
        view.costs_daily()
        .filter(pl.col("billing_period") == month)
        .select("scope_id", pl.col("currency").fill_null(""), *COSTS)
        .join(sources, on="scope_id")
        .group_by("source", "currency")
        .agg(pl.col(COSTS).sum())
        .sort("source", "currency")
        .collect()
    )
    return {(source, currency): (billed, effective) for source, currency, billed, effective in rows.iter_rows()}


def bill_days(view: LakeView, of: TeamScope | None = None) -> Iterator[tuple[date, str, str, date, Decimal]]:
    """(billing month, source, currency of the bill, day, EffectiveCost), exact, unconverted, of the whole lake."""
    sources = _scopes(view, of).select("scope_id", "source")
    told_apart = ["billing_period", "source", "currency", "day"]
    rows = (
        view.costs_daily()
        .select("billing_period", "scope_id", pl.col("currency").fill_null(""), "day", "EffectiveCost")
        .join(sources, on="scope_id")
        .group_by(told_apart)
        .agg(pl.col("EffectiveCost").sum())
        .sort(told_apart)
        .collect()
    )
    yield from rows.iter_rows()


def charged_days(view: LakeView, month: date, of: TeamScope | None = None) -> Mapping[str, tuple[date, date]]:
    """source -> the first and the last day that its bill of the month charges."""
    sources = _scopes(view, of).select("scope_id", "source")
    rows = view.costs_daily().filter(pl.col("billing_period") == month).select("scope_id", "day")
    days = rows.join(sources, on="scope_id").group_by("source").agg(first=pl.col("day").min(), last=pl.col("day").max())
    return {source: (first, last) for source, first, last in days.collect().iter_rows()}
