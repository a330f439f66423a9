"""A lake in memory for tests of verdicts, from rows as tests write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from finops.evaluate.cache import EvaluationCache
from finops.evaluate.engine import evaluate
from finops.lake import InMemoryLakeView
from finops.model.columns import Columns
from finops.model.data_version import DataVersion
from finops.model.evaluation import Evaluation, Settings
from finops.model.finding import Finding
from finops.model.policy import Policy
from finops.model.rates import NO_RATES, Rates
from finops.model.source_freshness import SourceFreshness
from finops.policy.load import read_policies
from finops.ports.emissions import EMISSION_LABELS
from finops.ports.lake import LakeView

KINDS = {entry.name: entry.load() for entry in entry_points(group="finops.policy_kinds")}
VALUES = {"revenue": "EUR", "sales": "USD"}
DIMENSIONS = ("team", "environment", "product")
SCOPE_COLUMNS = (
    "source",
    "ServiceProviderName",
    "SubAccountId",
    "ServiceCategory",
    "ChargeFrequency",
    "ServiceName",
    "ChargeCategory",
    "PricingCategory",
    "CommitmentDiscountStatus",
    *DIMENSIONS,
)
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
AMOUNT = pl.Decimal(38, 15)
VERSION = DataVersion(costs=3, scopes=3, costs_daily=3, demand=1)
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


class FakeView(InMemoryLakeView):
    """The product's own view over one mapping a row: ``day`` (Date), ``cost`` (all four costs), any columns."""

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        demand_rows: Sequence[tuple[str, date, Decimal, Mapping[str, str]]] = (),
        emission_rows: Sequence[Mapping[str, Any]] = (),
        version: DataVersion = VERSION,
    ) -> None:
        super().__init__(_rows(rows), DIMENSIONS, _demand(demand_rows), _emissions(emission_rows), version=version)


Kind = pl.DataType | type[pl.DataType]


def _rows(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    texts = (*SCOPE_COLUMNS, "ResourceId", "Tags")
    data = _texts(rows, texts) | {
        "source": [row.get("source", "aws") for row in rows],
        "ServiceProviderName": [row.get("ServiceProviderName", "AWS") for row in rows],
        "Tags": [json.dumps(row["tags"]) if "tags" in row else None for row in rows],
        "day": [row["day"] for row in rows],
        "BillingCurrency": [row.get("currency", "EUR") for row in rows],
        "billing_period": [row.get("billing_period") for row in rows],
    }
    for cost in COSTS:
        data[cost] = [_amount(row.get(cost, row["cost"])) for row in rows]
    kinds: dict[str, Kind] = {"day": pl.Date, "billing_period": pl.Date, **dict.fromkeys(COSTS, AMOUNT)}
    return pl.DataFrame(data, schema={name: kinds.get(name, pl.String) for name in data})


def _amount(value: object) -> Decimal | None:
    """None: the source does not know it."""
    return None if value is None else Decimal(str(value))


def _demand(rows: Sequence[tuple[str, date, Decimal, Mapping[str, str]]]) -> pl.DataFrame:
    texts = [(name, day, value, "units", json.dumps(dict(dims))) for name, day, value, dims in rows]
    schema: dict[str, Kind] = {
        "name": pl.String,
        "day": pl.Date,
        "value": AMOUNT,
        "unit": pl.String,
        "dimensions": pl.String,
    }
    return pl.DataFrame(texts, schema=schema, orient="row")


def _emissions(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    data = _texts(rows, ("source", *EMISSION_LABELS, "Tags", *DIMENSIONS)) | {
        "source": [row.get("source", "aws-carbon") for row in rows],
        "day": [row["day"] for row in rows],
        "grams": [Decimal(str(row["grams"])) for row in rows],
    }
    kinds: dict[str, Kind] = {"day": pl.Date, "grams": AMOUNT}
    return pl.DataFrame(data, schema={name: kinds.get(name, pl.String) for name in data})


def _texts(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in names}


def days(first: date, last: date, cost: object, **columns: Any) -> list[dict[str, Any]]:
    """One row a day, both ends included."""
    count = (last - first).days + 1
    return [{"day": first + timedelta(days=offset), "cost": cost, **columns} for offset in range(count)]


def demand(
    name: str, first: date, last: date, value: object, **dimensions: str
) -> list[tuple[str, date, Decimal, Mapping[str, str]]]:
    count = (last - first).days + 1
    return [(name, first + timedelta(days=i), Decimal(str(value)), dimensions) for i in range(count)]


def standing(source: str = "aws", *, through: datetime | None, delivered: datetime | None = None) -> SourceFreshness:
    return SourceFreshness(source, "focus-files", delivered or through, through)


def policies(text: str) -> list[Policy]:
    series = ["orders", "visitors", "tokens", "requests", *VALUES]
    return read_policies(text, shown_as="policy.yaml", kinds=KINDS, columns=COLUMNS, demand=series, values=VALUES)


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
        value_currencies=VALUES,
    )


AS_OF = datetime(2026, 3, 20, 6, tzinfo=UTC)
CURRENT = standing(through=datetime(2026, 3, 20, tzinfo=UTC), delivered=AS_OF)


def run(
    asked: Sequence[Policy],
    view: LakeView,
    *,
    as_of: datetime = AS_OF,
    freshness: Sequence[SourceFreshness] = (CURRENT,),
    under: Settings | None = None,
    cache: EvaluationCache | None = None,
) -> Evaluation:
    return evaluate(asked, view, as_of=as_of, freshness=freshness, settings=under or settings(), cache=cache)


def findings(asked: Sequence[Policy], view: LakeView, **arguments: Any) -> list[Finding]:
    return list(run(asked, view, **arguments).findings)


def only(asked: Sequence[Policy], view: LakeView, **arguments: Any) -> Finding:
    (finding,) = findings(asked, view, **arguments)
    return finding
