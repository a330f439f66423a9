"""Which billing periods a file holds, and how many rows of each: one pass over one column."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl

from finops.documents import nearest
from finops.errors import FinopsError, RefusedBatch
from finops.model.billing_period import period_of, periods_of
from finops.model.cell import is_nothing, plain_name, read_moment
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Part

_START = "BillingPeriodStart"
_ROW = "\0row"  # no bill has a column of this name


def billing_periods(part: Part) -> dict[date, int]:
    """The billing periods (``finops.model.billing_period``), sorted, and their rows; empty for a bill without rows.

    A whole CSV file passes through here, so a truncated one is found before anything else is read. Raises
    ``RefusedBatch`` for a start that is no time, and what reading raises.
    """
    try:
        rows = part.open()
        column = _start_column(rows.collect_schema().names(), part.name)
        counted = rows.group_by(pl.col(column).alias(_START)).agg(pl.len()).collect(engine="streaming")
        starts = counted[_START]
        if starts.dtype == pl.String:
            values = [value for value in starts.drop_nulls() if not is_nothing(value)]
            days = {value: _day(value) for value in values}
            unread = [value for value, day in days.items() if day is None]
            if unread:
                _refuse(part, rows, pl.col(column).is_in(unread), column)
            of_rows = [None if value is None else days.get(value) for value in starts]
        else:
            of_rows = _as_days(starts).to_list()
        periods: Counter[date] = Counter()
        for day, count in zip(of_rows, counted["len"], strict=True):
            if day is not None:
                periods[day] += count
        if not periods and len(starts):
            _refuse(part, rows, pl.any_horizontal(pl.exclude(_ROW).is_not_null()), column)
        return dict(sorted(periods.items()))
    except FinopsError:
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, part.name) from error


def _start_column(names: list[str], part: str) -> str:
    for name in names:
        if plain_name(name).casefold() == _START.casefold():
            return name
    near = nearest(_START, names)
    remedy = f"Rename '{near}' to '{_START}'" if near else "Export the bill as FOCUS 1.0 or newer"
    raise RefusedBatch(f"the column {_START} is missing", where=f"{part}, header", remedy=remedy)


def _as_days(starts: pl.Series) -> pl.Series:
    if isinstance(starts.dtype, pl.Datetime) and starts.dtype.time_zone is not None:
        starts = starts.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return periods_of(starts.cast(pl.Datetime("us")))


def _day(text: str) -> date | None:
    moment = read_moment(text)
    return period_of(moment.at) if moment else None


def _refuse(part: Part, rows: pl.LazyFrame, where: pl.Expr, column: str) -> None:
    """Raises for the first such row; a file of blank lines has none."""
    first = rows.with_row_index(_ROW).filter(where).head(1).collect(engine="streaming")
    if not first.height:
        return
    value, row = first[column][0], first[_ROW][0] + 1
    what = "the value is missing" if value is None or is_nothing(value) else f"'{value}' is not a valid time"
    raise RefusedBatch(
        what,
        where=f"{part.name}, row {row}, column {_START}",
        remedy="Write it like 2026-03-01T00:00:00Z",
    )
