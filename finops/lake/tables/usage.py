"""Counts the rows that tell how far usage reaches, batch by batch: see ``finops.model.completeness`` for the rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from finops.lake.tables.columns import COSTS_SCHEMA, with_columns_of
from finops.model.completeness import PART_COLUMNS, Completeness, PartReach, UsageDay, arrived, pauses

# a local day has 25 hours when summer time ends
_A_DAY = timedelta(hours=25)
_TEXTS = (
    "ChargeCategory",
    "ChargeClass",
    "ChargeFrequency",
    "CommitmentDiscountStatus",
    "CapacityReservationStatus",
    "AllocatedMethodId",
    *(column for columns in PART_COLUMNS.values() for column in columns),
)
_READ = pl.Schema(
    {
        **dict.fromkeys(_TEXTS, pl.String()),
        **{name: COSTS_SCHEMA[name] for name in ("ChargePeriodStart", "ChargePeriodEnd", "EffectiveCost")},
    }
)
USAGE_COLUMNS = frozenset(_READ)
"""The columns that ``count_usage`` reads."""

_SHARE = 0.1
_TOGETHER = 32

_LENGTH = pl.col("ChargePeriodEnd") - pl.col("ChargePeriodStart")
_IS_SHORT = _LENGTH <= _A_DAY
_IS_USAGE = (
    (pl.col("ChargeCategory").fill_null("Usage") == "Usage")
    & pl.col("ChargeClass").is_null()
    & (pl.col("ChargeFrequency").fill_null("Usage-Based") == "Usage-Based")
    & pl.col("CommitmentDiscountStatus").ne_missing("Unused")
    & pl.col("CapacityReservationStatus").ne_missing("Unused")
    & pl.col("AllocatedMethodId").is_null()
)
_TELLS_THE_DAY = pl.col("usage") & pl.col("short")


@dataclass(frozen=True, slots=True)
class UsageCounts:
    """Of some rows: they add up, in any order. Frames wait until it is worth adding them."""

    hours: tuple[pl.DataFrame, ...] = ()
    days: tuple[pl.DataFrame, ...] = ()

    def __add__(self, other: UsageCounts) -> UsageCounts:
        hours, days = (*self.hours, *other.hours), (*self.days, *other.days)
        if len(hours) < _TOGETHER:
            return UsageCounts(hours, days)
        return UsageCounts((_added(hours, _HOUR_KEYS),), (_added(days, _DAY_KEYS),))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UsageCounts):
            return NotImplemented
        return _added(self.hours, _HOUR_KEYS).equals(_added(other.hours, _HOUR_KEYS)) and (
            _added(self.days, _DAY_KEYS).equals(_added(other.days, _DAY_KEYS))
        )

    __hash__ = None  # type: ignore[assignment]  # frames have no hash

    def completeness(self, started_at: datetime) -> Completeness:
        """``started_at``: when the collection began; nothing that starts later counts."""
        if not self.hours:
            return Completeness()
        begun = pl.col("start") < started_at
        clipped = pl.min_horizontal(pl.col("end"), pl.lit(started_at, pl.Datetime("us", "UTC"))).alias("end")
        hours = _added(self.hours, _HOUR_KEYS).filter(begun).with_columns(clipped)
        days = _added(self.days, _DAY_KEYS).filter(begun).with_columns(clipped)
        usage = hours.filter(_TELLS_THE_DAY)
        return Completeness(
            usage=_by_day(usage),
            charges_through=_charges_through(hours),
            parts=dict(sorted(_parts(days))),
        )


_HOUR_KEYS = ("usage", "short", "start")
_DAY_KEYS = (*PART_COLUMNS, "start")
_COUNTED = (pl.col("rows").sum(), pl.col("end").max(), pl.col("cost").sum())


def count_usage(rows: pl.DataFrame) -> UsageCounts:
    """Of rows of one billing period; columns that they lack are null."""
    wanted = with_columns_of(rows.lazy(), _READ).select(
        _IS_USAGE.alias("usage"),
        _IS_SHORT.alias("short"),
        pl.col("ChargePeriodStart").dt.truncate("1h").alias("start"),
        pl.col("ChargePeriodEnd").alias("end"),
        pl.lit(1, pl.Int64).alias("rows"),
        pl.col("EffectiveCost").cast(pl.Float64).abs().fill_null(0.0).alias("cost"),
        *(pl.coalesce(columns).alias(part) for part, columns in PART_COLUMNS.items()),
    )
    # not the streaming engine: its threads are those that wait here, and all of them may
    found = wanted.collect(engine="in-memory")
    hours = found.group_by(_HOUR_KEYS).agg(_COUNTED)
    usage = found.filter(_TELLS_THE_DAY).with_columns(pl.col("start").dt.truncate("1d"))
    return UsageCounts((hours,), (usage.group_by(_DAY_KEYS).agg(_COUNTED),))


def _added(frames: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    if not frames:
        return pl.DataFrame()
    return pl.concat(frames).group_by(keys).agg(_COUNTED).sort(keys)


def _by_day(usage: pl.DataFrame) -> dict[date, UsageDay]:
    """Each day ends with the last hour that has a usual number of rows: one misdated row moves no hour either."""
    if usage.is_empty():
        return {}
    usual = usage["rows"].median()
    needed = pl.min_horizontal(pl.lit(2), pl.lit(usual))
    day = usage.group_by(pl.col("start").dt.date().alias("day")).agg(
        pl.col("rows").sum(),
        pl.coalesce(pl.col("end").filter(pl.col("rows") >= needed).max(), pl.col("end").max()).alias("end"),
    )
    return {found["day"]: UsageDay(found["rows"], found["end"]) for found in day.sort("day").iter_rows(named=True)}


def _charges_through(hours: pl.DataFrame) -> datetime | None:
    """Usage of any length before other charges. Of these, long ones count only where there are no others: a
    subscription that is billed for the whole month says nothing about how far the month has arrived."""
    for chosen in (pl.col("usage"), pl.col("short"), pl.lit(value=True)):
        found = hours.filter(chosen)
        if not found.is_empty():
            newest: datetime | None = found["end"].max()  # type: ignore[assignment]  # moments
            return newest
    return None


def _parts(days: pl.DataFrame) -> Iterator[tuple[str, PartReach]]:
    rows, cost = float(days["rows"].sum()), float(days["cost"].sum())
    for kind in PART_COLUMNS:
        by_name = days.filter(pl.col(kind).is_not_null()).partition_by(kind, as_dict=True)
        if len(by_name) < 2:
            continue
        for (name,), own in by_name.items():
            if float(own["rows"].sum()) < _SHARE * rows and float(own["cost"].sum()) < _SHARE * cost:
                continue
            per_day = own.group_by(pl.col("start").dt.date()).agg(pl.col("rows").sum(), pl.col("end").max())
            usage = {day: UsageDay(count, end) for day, count, end in per_day.iter_rows()}
            newest = arrived(usage)
            if newest is not None:
                steps = pauses(sorted(day for day in usage if day <= newest))
                yield f"{kind} {name}", PartReach(usage[newest].end, max(steps, default=1))
