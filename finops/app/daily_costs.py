"""Sums of the daily costs over scopes: what the API answers, from one join of the star."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from finops.conditions import Condition
from finops.documents import did_you_mean
from finops.errors import BadArguments
from finops.model.period import Period
from finops.ports.lake import LakeView

MOST_CELLS = 2_000_000
"""Sums of one question: a dashboard needs thousands, and the machine has other work."""


class Every(StrEnum):
    """What one sum spans."""

    DAY = "day"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Question:
    """``by``: columns of ``scopes``. ``costs``: FOCUS cost columns. ``condition``: None takes every row."""

    period: Period
    by: tuple[str, ...] = ()
    costs: tuple[str, ...] = ("EffectiveCost",)
    condition: Condition | None = None
    every: Every = Every.DAY


@dataclass(frozen=True, slots=True)
class DailyCosts:
    """``frame``: ``day`` (Date, the first of what a sum spans), the columns of ``by`` (String, '' for no value),
    ``currency``, the costs (Decimal); sorted in that order. ``sources``: whose rows the condition takes, ever."""

    frame: pl.DataFrame
    sources: tuple[str, ...]


def daily_costs(view: LakeView, question: Question) -> DailyCosts:
    """Every amount is in its bill's own currency; nothing is converted, two currencies are two rows.

    Raises ``BadArguments`` for a column that ``scopes`` has not, or for more than ``MOST_CELLS`` sums.
    """
    scopes = view.scopes()
    _check_columns(question, scopes.collect_schema().names())
    if question.condition is not None:
        scopes = scopes.filter(question.condition.expression())
    chosen = scopes.select(
        "scope_id", "source", *(pl.col(name).fill_null("") for name in question.by if name != "source")
    )
    found = chosen.collect()
    _check_size(found, question)
    period = question.period
    cells = view.costs_daily().filter(pl.col("day") >= period.start, pl.col("day") < period.end)
    keys = ("day", *question.by, "currency")
    frame = (
        cells.select("scope_id", _spanned(question), "currency", *question.costs)
        .join(found.lazy().select("scope_id", *question.by), on="scope_id")
        .group_by(keys)
        .agg(pl.col(question.costs).sum())
        .sort(keys)
        .collect(engine="streaming")
    )
    return DailyCosts(frame, tuple(sorted(found["source"].unique())))


def _spanned(question: Question) -> pl.Expr:
    if question.every is Every.MONTH:
        return pl.max_horizontal(pl.col("day").dt.month_start(), pl.lit(question.period.start)).alias("day")
    if question.every is Every.ALL:
        return pl.lit(question.period.start, dtype=pl.Date).alias("day")
    return pl.col("day")


def _check_columns(question: Question, known: Sequence[str]) -> None:
    offered = [name for name in known if name != "scope_id"]
    for name in question.by:
        if name not in offered:
            raise BadArguments(f"costs cannot be grouped by '{name}'", where="by", remedy=did_you_mean(name, offered))
    missing = sorted(question.condition.required_columns - set(offered)) if question.condition is not None else []
    if missing:
        raise BadArguments(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not available by day",
            where="scope",
            remedy="Use columns of the daily rollup; the table costs in the lake has every column",
        )


def _check_size(scopes: pl.DataFrame, question: Question) -> None:
    groups = scopes.select(question.by).n_unique() if question.by else 1
    spans = {Every.DAY: question.period.days, Every.MONTH: question.period.days // 28 + 2, Every.ALL: 1}
    cells = groups * spans[question.every]
    if cells > MOST_CELLS:
        raise BadArguments(
            f"that may be {cells:,} sums, more than {MOST_CELLS:,}",
            where="by",
            remedy="Request fewer columns, a shorter period, a narrower scope, or every=month",
        )
