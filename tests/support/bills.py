"""Small bills for the lake's tests: a few FOCUS columns, deliveries made of them, a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from finops.allocate import NO_RULES, Rules
from finops.lake import DeltaLake
from finops.objectstore.location import Location
from finops.ports.lake import COSTS, Delivery, LakeView, Run, Tally

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
MONEY = pl.Decimal(38, 15)
MOMENT = pl.Datetime("us", "UTC")
START = datetime(2026, 6, 1, 6, tzinfo=UTC)


@dataclass
class StoppedClock:
    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class FromTag:
    """Dimensions whose values are the tags of the same names."""

    names: tuple[str, ...] = ("team",)
    required_columns: frozenset[str] = frozenset({"Tags"})

    @property
    def digest(self) -> str:
        return "tags:" + ",".join(self.names)

    def expressions(self) -> Sequence[pl.Expr]:
        return [pl.col("Tags").str.json_path_match(f"$.{name}").alias(name) for name in self.names]


def lake(
    at: Path | Location,
    *,
    dimensions: FromTag | None = None,
    timezone: str = "UTC",
    clock: StoppedClock | None = None,
    audit: timedelta = timedelta(days=400),
    allocations: Rules = NO_RULES,
) -> DeltaLake:
    location = at if isinstance(at, Location) else Location.parse("lake", base=at)
    return DeltaLake(
        location,
        dimensions=dimensions or FromTag(),
        timezone=ZoneInfo(timezone),
        clock=clock or StoppedClock(),
        audit=audit,
        allocations=allocations,
    )


def line(
    amount: str | Decimal = "1",
    *,
    period: date = MARCH,
    day: int = 1,
    length: timedelta = timedelta(days=1),
    currency: str = "EUR",
    **columns: object,
) -> dict[str, object]:
    """One row: BilledCost is ``amount``, the other costs 2, 3 and 4 times it."""
    start = datetime(period.year, period.month, day, tzinfo=UTC)
    cost = Decimal(amount)
    return {
        "BilledCost": cost,
        "EffectiveCost": cost * 2,
        "ListCost": cost * 3,
        "ContractedCost": cost * 4,
        "BillingCurrency": currency,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": start + length,
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ServiceName": "compute",
        "Tags": '{"team":"a"}',
        "billing_period": period,
        **columns,
    }


def rows(*lines: Mapping[str, object]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(COSTS, MONEY),
        "ChargePeriodStart": MOMENT,
        "ChargePeriodEnd": MOMENT,
        "billing_period": pl.Date,
        "Tags": pl.String,
    }
    if not lines:
        return pl.DataFrame(schema=schema)
    return pl.DataFrame(list(lines), schema_overrides=schema, infer_schema_length=None)


@dataclass
class Verifier:
    """``Delivery.verify`` that counts its calls and may refuse."""

    refusal: Exception | None = None
    calls: int = field(default=0)

    def __call__(self) -> Tally:
        self.calls += 1
        if self.refusal:
            raise self.refusal
        return Tally(rows=7)


def delivery(
    frame: pl.DataFrame,
    digest: str = "a",
    *,
    source: str = "aws",
    periods: Sequence[date] | None = None,
    verify: Verifier | None = None,
) -> Delivery:
    """All periods of the frame (or ``periods``), each with the same digest."""
    found = sorted(frame["billing_period"].unique()) if periods is None else periods
    return Delivery(
        source=source,
        rows=frame.lazy(),
        periods=dict.fromkeys(found, digest),
        manifests={period: {"file": f"{period}.csv"} for period in found},
        verify=verify or Verifier(),
    )


def run(name: str = "run-1", at: datetime = START) -> Run:
    return Run(name, at)


def billed(frame: pl.LazyFrame) -> Decimal:
    return Decimal(frame.select(pl.col("BilledCost").sum()).collect().item())


def totals(view: LakeView) -> tuple[Decimal, Decimal]:
    """BilledCost in ``costs`` and in ``costs_daily``; the same unless the view is torn."""
    return billed(view.costs()), billed(view.costs_daily())


def parquet_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet") if "_delta_log" not in path.parts}
