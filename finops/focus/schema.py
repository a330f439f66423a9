"""The newest FOCUS datasets as columns, read from the specification's own machine-readable model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

from finops.model.columns import Columns, ColumnType
from finops.model.money import SCALE

DataType = Literal["String", "Decimal", "Date/Time", "JSON"]

AMOUNT = pl.Decimal(38, SCALE)
"""Costs, quantities and prices."""

MOMENT = pl.Datetime("us", "UTC")
"""Times."""

_TYPES: Mapping[DataType, tuple[pl.DataType, ColumnType]] = {
    "String": (pl.String(), "text"),
    "Decimal": (AMOUNT, "number"),
    "Date/Time": (MOMENT, "time"),
    "JSON": (pl.String(), "json"),
}

SUCCESSORS: Mapping[str, str] = MappingProxyType(
    {"ProviderName": "ServiceProviderName", "PublisherName": "x_PublisherName"}
)
"""Columns that FOCUS 1.3 deprecated and 1.4 removed, and where their values stand in conformed rows.

The specification's migration guide spreads their use over ServiceProviderName, HostProviderName and InvoiceIssuerName.
ServiceProviderName ("makes the service available") is ProviderName's direct heir. PublisherName ("produced the
service") has no single heir: it would be the service provider in a marketplace purchase and nothing elsewhere, so its
values are kept as they are in ``x_PublisherName``.
"""

AI_TYPES: Mapping[str, ColumnType] = MappingProxyType(
    {"x_AiModel": "text", "x_AiTier": "text", "x_AiTokenKind": "text", "x_AiTokens": "number"}
)
"""What every bill says of AI in the same columns, whoever sells: ``finops.focus.ai``."""

PRINCIPAL = "x_Principal"
"""Who incurred the cost, as the provider names them: an IAM principal, a user, a service account, an API key."""

MOVED: Mapping[str, str] = MappingProxyType(
    {
        "x_UsageType": "Use SkuMeter, which holds the usage type since AWS FOCUS 1.2",
        "x_CostCategories": "Use a tag, as in tags['costCategory/NAME']: AWS FOCUS 1.2 moved them to Tags",
    }
)
"""Columns of AWS's FOCUS 1.0 that its 1.2 no longer has, and what a condition names instead.

https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-2-aws.html
"""

REQUIRED = (
    "BilledCost",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "EffectiveCost",
)
"""What a bill cannot do without: mandatory and never null in every FOCUS version, and needed to count a cost at all."""


@dataclass(frozen=True, slots=True)
class FocusColumn:
    """One column as the model says it.

    ``since``: the FOCUS version that introduced it. ``level``: Mandatory, Conditional or Recommended.
    """

    name: str
    data_type: DataType
    nullable: bool
    level: str
    since: str
    value_format: str
    allowed_values: tuple[str, ...]

    @property
    def polars_type(self) -> pl.DataType:
        return _TYPES[self.data_type][0]


def _model() -> dict[str, Any]:
    text = files("finops.focus").joinpath("data/focus_1_4_model.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]  # the file is ours


def subcategory_parents() -> Mapping[str, str]:
    """Allowed values of ServiceSubcategory, and the ServiceCategory that each belongs to."""
    return dict(_model()["service_subcategory_parents"])


@cache
def focus_columns(dataset: str = "Cost and Usage") -> Mapping[str, FocusColumn]:
    """The columns of a FOCUS 1.4 dataset by name, in the model's own order; "Cost and Usage" has 65."""
    columns = _model()["datasets"][dataset]["columns"]
    return MappingProxyType(
        {
            name: FocusColumn(
                name=name,
                data_type=column["data_type"],
                nullable=column["allows_nulls"],
                level=column["feature_level"],
                since=column["version"],
                value_format=column["value_format"],
                allowed_values=tuple(column["allowed_values"] or ()),
            )
            for name, column in columns.items()
        }
    )


def polars_schema() -> dict[str, pl.DataType]:
    """Polars types of the 65 columns: Decimal(38, 15), Datetime("us", "UTC"), else String (JSON columns too)."""
    return {name: column.polars_type for name, column in focus_columns().items()}


def condition_columns() -> Columns:
    """What SQL conditions may name: FOCUS columns, ``source``, our own columns, and dropped names as aliases."""
    types: dict[str, ColumnType] = {name: _TYPES[column.data_type][1] for name, column in focus_columns().items()}
    types["source"] = "text"
    types.update(dict.fromkeys(SUCCESSORS.values(), "text"))
    types.update(AI_TYPES)
    types[PRINCIPAL] = "text"
    return Columns(types, dict(SUCCESSORS), moved=MOVED)
