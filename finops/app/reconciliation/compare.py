"""Two counts of one billing period -> where they differ (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

import polars as pl

from finops.model.money import EXACT, minor_unit
from finops.model.reconciliation import Agreement, Comparison, Level, Line
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals

_KEYS = ("day", "service", "currency")


@dataclass(frozen=True, slots=True)
class Judging:
    """``tolerance``: the largest difference that is none, in units of each currency; None: its minor unit.

    ``level``: how finely the counts have to agree. ``settled_before``: this day and later ones are not judged.
    """

    tolerance: Decimal | None
    level: Level
    settled_before: date

    def differs(self, line: Line) -> bool:
        allowed = minor_unit(line.currency) if self.tolerance is None else self.tolerance
        return abs(line.difference) > allowed


def compare(
    source: str, billing_period: date, lake: pl.DataFrame, other: Totals, *, against: str, judging: Judging
) -> Comparison:
    """``lake`` has the columns of ``TOTALS_SCHEMA``, like ``other.lines``; both are added up by what both tell."""
    if not lake.height and not other.lines.height:
        nothing = "neither side has any of it"
        return Comparison(source, billing_period, against, Agreement.UNASKED, other.cost, reason=nothing)
    lines = joined(lake, other.lines, settled_before=judging.settled_before)
    judged = [line for line in lines if line.settled]
    totals = _added(judged, lambda line: (None, None, line.currency))
    levels = (totals, _added(judged, lambda line: (line.day, None, line.currency)), judged)
    differing = [sum(map(judging.differs, level)) for level in levels]
    finest = list(Level).index(judging.level)
    return Comparison(
        source=source,
        billing_period=billing_period,
        against=against,
        agreement=Agreement.DIFFERS if any(differing[: finest + 1]) else Agreement.AGREES,
        cost=other.cost,
        totals=totals,
        lines=sorted(
            (line for line in lines if line.difference),
            key=lambda line: (-abs(line.difference), line.day or date.min, line.service or "", line.currency),
        ),
        differing=(differing[0], differing[1], differing[2]),
        provisional=other.provisional,
    )


def joined(lake: pl.DataFrame, other: pl.DataFrame, *, settled_before: date) -> list[Line]:
    """A line a day, service and currency that either has, sorted; a key that ``other`` never tells is None."""
    vague = [key for key in ("day", "service") if other.height and other[key].null_count() == other.height]
    ours, theirs = (_summed(frame, vague) for frame in (lake, other))
    # a key may be null on both sides: rows without a service are one line, not two
    both = ours.join(theirs, on=_KEYS, how="full", nulls_equal=True, coalesce=True, suffix="_other").sort(_KEYS)
    zero = Decimal(0)
    return [
        Line(
            day=row["day"],
            service=row["service"],
            currency=row["currency"],
            lake=row["amount"] or zero,
            other=row["amount_other"] or zero,
            settled=row["day"] is None or row["day"] < settled_before,
        )
        for row in both.iter_rows(named=True)
    ]


def _summed(frame: pl.DataFrame, vague: Sequence[str]) -> pl.DataFrame:
    nothing = [pl.lit(None, TOTALS_SCHEMA[key]).alias(key) for key in vague]
    return frame.select(TOTALS_SCHEMA.names()).with_columns(nothing).group_by(_KEYS).agg(pl.col("amount").sum())


def _added(lines: Sequence[Line], key: Callable[[Line], tuple[date | None, str | None, str]]) -> list[Line]:
    sums: dict[tuple[date | None, str | None, str], tuple[Decimal, Decimal]] = {}
    with localcontext(EXACT):
        for line in lines:
            lake, other = sums.get(key(line), (Decimal(0), Decimal(0)))
            sums[key(line)] = (lake + line.lake, other + line.other)
    ordered = sorted(sums, key=lambda found: (found[0] or date.min, found[2]))
    return [Line(*found, *sums[found]) for found in ordered]
