"""A lake in memory for tests of verdicts: rows in, the star and the single rows out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from finops.evaluate import evaluate, read_policies, rules
from finops.model.columns import Columns
from finops.model.data_version import DataVersion
from finops.model.evaluation import Evaluation, Settings
from finops.model.finding import Finding
from finops.model.policy import Policy
from finops.model.rates import NO_RATES, Rates
from finops.model.standing import SourceStanding
from finops.ports.emissions import EMISSION_LABELS
from finops.ports.lake import LakeView

KINDS = {name: getattr(rules, name) for name in rules.__all__}
DIMENSIONS = ("team", "environment", "product")
SCOPE_COLUMNS = (
    "source",
    "ServiceProviderName",
    "SubAccountId",
    "ServiceCategory",
    "ServiceName",
    "ChargeCategory",
    "PricingCategory",
    "CommitmentDiscountStatus",
    *DIMENSIONS,
)
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
AMOUNT = pl.Decimal(38, 15)
COLUMNS = Columns(
    {
        **dict.fromkeys((*SCOPE_COLUMNS, "ResourceId", "SubAccountName", "RegionId"), "text"),
        **dict.fromkeys(COSTS, "number"),
        "ChargePeriodStart": "time",
        "Tags": "json",
    },
    {"ProviderName": "ServiceProviderName"},
    frozenset(DIMENSIONS),
)


@dataclass(frozen=True)
class FakeView:
    """``rows``: one mapping a row with ``day`` (Date), ``cost`` (all four costs), and any columns."""

    rows: Sequence[Mapping[str, Any]]
    demand_rows: Sequence[tuple[str, date, Decimal, Mapping[str, str]]] = ()
    emission_rows: Sequence[Mapping[str, Any]] = ()
    version: DataVersion = field(default_factory=lambda: DataVersion(costs=3, scopes=3, costs_daily=3, demand=1))

    @cached_property
    def _frame(self) -> pl.DataFrame:
        texts = (*SCOPE_COLUMNS, "ResourceId", "Tags")
        data: dict[str, list[Any]] = {name: [row.get(name) for row in self.rows] for name in texts}
        data["source"] = [row.get("source", "aws") for row in self.rows]
        data["ServiceProviderName"] = [row.get("ServiceProviderName", "AWS") for row in self.rows]
        data["Tags"] = [json.dumps(row["tags"]) if "tags" in row else None for row in self.rows]
        data["day"] = [row["day"] for row in self.rows]
        data["currency"] = [row.get("currency", "EUR") for row in self.rows]
        for cost in COSTS:
            data[cost] = [Decimal(str(row.get(cost, row["cost"]))) for row in self.rows]
        schema = {
            **dict.fromkeys(texts, pl.String),
            "day": pl.Date,
            "currency": pl.String,
            **dict.fromkeys(COSTS, AMOUNT),
        }
        return pl.DataFrame({name: data[name] for name in schema}, schema=schema)

    @cached_property
    def _with_scope_ids(self) -> pl.DataFrame:
        frame = self._frame
        scopes = frame.select(SCOPE_COLUMNS).unique().sort(SCOPE_COLUMNS).with_row_index("scope_id")
        return frame.join(scopes.cast({"scope_id": pl.Int64}), on=SCOPE_COLUMNS, nulls_equal=True)

    def scopes(self) -> pl.LazyFrame:
        return self._with_scope_ids.select("scope_id", *SCOPE_COLUMNS).unique().lazy()

    def costs_daily(self) -> pl.LazyFrame:
        grouped = self._with_scope_ids.group_by("source", "scope_id", "day", "currency")
        return (
            grouped.agg(pl.col(COSTS).sum(), pl.len().cast(pl.Int64).alias("rows"))
            .with_columns(pl.col("day").dt.month_start().alias("billing_period"))
            .lazy()
        )

    def costs(self) -> pl.LazyFrame:
        return self.costs_by_day().drop("day", *DIMENSIONS)

    def costs_by_day(self) -> pl.LazyFrame:
        return self._frame.rename({"currency": "BillingCurrency"}).lazy()

    def emissions(self) -> pl.LazyFrame:
        texts = ("source", *EMISSION_LABELS, "Tags", *DIMENSIONS)
        data: dict[str, list[Any]] = {name: [row.get(name) for row in self.emission_rows] for name in texts}
        data["source"] = [row.get("source", "aws-carbon") for row in self.emission_rows]
        data["day"] = [row["day"] for row in self.emission_rows]
        data["grams"] = [Decimal(str(row["grams"])) for row in self.emission_rows]
        schema = {**dict.fromkeys(texts, pl.String), "day": pl.Date, "grams": AMOUNT}
        return pl.DataFrame({name: data[name] for name in schema}, schema=schema).lazy()

    def demand(self) -> pl.LazyFrame:
        rows = [(name, day, value, "units", json.dumps(dict(dims))) for name, day, value, dims in self.demand_rows]
        schema = {"name": pl.String, "day": pl.Date, "value": AMOUNT, "unit": pl.String, "dimensions": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row").lazy()


def days(first: date, last: date, cost: object, **columns: Any) -> list[dict[str, Any]]:
    """One row a day, both ends included."""
    count = (last - first).days + 1
    return [{"day": first + timedelta(days=offset), "cost": cost, **columns} for offset in range(count)]


def demand(
    name: str, first: date, last: date, value: object, **dimensions: str
) -> list[tuple[str, date, Decimal, Mapping[str, str]]]:
    count = (last - first).days + 1
    return [(name, first + timedelta(days=i), Decimal(str(value)), dimensions) for i in range(count)]


def standing(source: str = "aws", *, through: datetime | None, delivered: datetime | None = None) -> SourceStanding:
    return SourceStanding(source, "focus-files", delivered or through, through)


def policies(text: str) -> list[Policy]:
    series = ["orders", "visitors", "tokens", "requests"]
    return read_policies(text, shown_as="policy.yaml", kinds=KINDS, columns=COLUMNS, demand=series)


def policy(kind: str, spec: str, *, name: str) -> list[Policy]:
    """A policy of ``kind`` whose ``spec`` is the given lines."""
    body = "\n".join(f"  {line}" for line in spec.strip("\n").splitlines())
    return policies(f"apiVersion: finops/v1\nkind: {kind}\nmetadata: {{name: {name}, owner: o}}\nspec:\n{body}\n")


def budget(spec: str, *, name: str = "p") -> list[Policy]:
    return policy("Budget", spec, name=name)


def freshness(spec: str, *, name: str = "f") -> list[Policy]:
    return policy("Freshness", spec, name=name)


def settings(*, timezone: str = "UTC", rates: Rates = NO_RATES, fiscal_year_starts: int = 1) -> Settings:
    return Settings(
        currency="EUR",
        timezone=ZoneInfo(timezone),
        rates=rates,
        fiscal_year_starts=fiscal_year_starts,
        dimensions=DIMENSIONS,
    )


AS_OF = datetime(2026, 3, 20, 6, tzinfo=UTC)
CURRENT = standing(through=datetime(2026, 3, 20, tzinfo=UTC), delivered=AS_OF)


def run(
    asked: Sequence[Policy],
    view: LakeView,
    *,
    as_of: datetime = AS_OF,
    standings: Sequence[SourceStanding] = (CURRENT,),
    under: Settings | None = None,
) -> Evaluation:
    return evaluate(asked, view, as_of=as_of, standings=standings, settings=under or settings())


def findings(asked: Sequence[Policy], view: FakeView, **arguments: Any) -> list[Finding]:
    return list(run(asked, view, **arguments).findings)


def only(asked: Sequence[Policy], view: FakeView, **arguments: Any) -> Finding:
    (finding,) = findings(asked, view, **arguments)
    return finding
