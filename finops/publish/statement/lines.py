"""The rollup of one billing month -> exact amounts in the statement's currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

import polars as pl

from finops.model.money import EXACT, quantise
from finops.model.period import month_start
from finops.model.rates import Rates
from finops.ports.lake import LakeView

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
    view: LakeView, month: date, *, by: str, currency: str, rates: Rates
) -> Mapping[LineKey, tuple[Decimal, Decimal]]:
    """key -> (BilledCost, EffectiveCost) in ``currency``, exact to 15 digits, sorted by key; empty without a bill.

    A row counts in its billing month, whatever its days; each day's amount is converted with that day's rate. Raises
    ``MissingRate``.
    """
    found: dict[LineKey, tuple[Decimal, Decimal]] = {}
    with localcontext(EXACT):
        for key, day, billed, effective in _cells(view, month, by):
            factor = rates.factor(day, key.currency, currency)
            before = found.get(key, (Decimal(0), Decimal(0)))
            found[key] = (before[0] + quantise(billed * factor), before[1] + quantise(effective * factor))
    return dict(sorted(found.items(), key=lambda item: tuple(str(part or "") for part in item[0])))


def _cells(view: LakeView, month: date, by: str) -> Iterator[tuple[LineKey, date, Decimal, Decimal]]:
    labels = {
        "whose": pl.col(by),
        "service": pl.col("ServiceName"),
        "source_name": pl.col("source"),
        "category": pl.col("ChargeCategory"),
    }
    scopes = view.scopes().select(
        "scope_id",
        *(column.fill_null("").alias(name) for name, column in labels.items()),
        (pl.col("ChargeClass") == "Correction").fill_null(value=False).alias("correction"),
    )
    told_apart = [*labels, "correction", "currency", "day"]
    rows = (
        view.costs_daily()
        .filter(pl.col("billing_period") == month)
        .select("scope_id", "day", pl.col("currency").fill_null(""), *COSTS)
        .join(scopes, on="scope_id")
        .group_by(told_apart)
        .agg(pl.col(COSTS).sum())
        .sort(told_apart)
        .collect()
    )
    for whose, service, source, category, correction, own, day, billed, effective in rows.iter_rows():
        earlier = month_start(day) if day < month else None
        yield LineKey(whose, service, source, category, correction, earlier, own), day, billed, effective


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


def first_days(view: LakeView, month: date) -> Mapping[str, date]:
    """source -> the first day that its bill of the month charges."""
    sources = view.scopes().select("scope_id", "source")
    rows = view.costs_daily().filter(pl.col("billing_period") == month).select("scope_id", "day")
    return dict(rows.join(sources, on="scope_id").group_by("source").agg(pl.col("day").min()).collect().iter_rows())
