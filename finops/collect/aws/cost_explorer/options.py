"""What finops.yaml may say of a source of kind ``aws-cost-explorer``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, field_validator

from finops.collect.aws.cost_explorer.groupings import MOST, Grouping
from finops.errors import InvalidValue
from finops.model.money import Money

PAGE_COST_USD = Decimal("0.01")
"""What AWS charges for each page of an answer: https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/"""

MONTHS_KEPT = 13
"""Whole months before the current one that Cost Explorer answers for, day by day."""


def _dollars(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    limit = Money.parse(str(value))
    if limit.currency != "USD" or limit.amount <= 0:
        raise InvalidValue("AWS charges for requests in US dollars", "Write it like 1.00 USD")
    return limit.amount


Dollars = Annotated[
    Decimal,
    BeforeValidator(_dollars),
    PlainSerializer(lambda amount: f"{amount} USD", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)? USD$", "examples": ["1.00 USD"]}),
]


class CostExplorerOptions(BaseModel):
    """Daily costs of an AWS organization, or of one account, from Cost Explorer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group_by: list[str] = Field(
        default=["SERVICE", "LINKED_ACCOUNT"],
        max_length=MOST,
        description="At most two: a dimension (SERVICE, LINKED_ACCOUNT, RECORD_TYPE …), tag:KEY or cost-category:NAME",
        examples=[["SERVICE", "tag:team"]],
    )
    net: bool = Field(
        default=False,
        description="Use NetUnblendedCost and NetAmortizedCost, which include discounts in the discounted charges",
    )
    estimated: bool = Field(
        default=True,
        description="Keep a day provisional while AWS marks it as an estimate, even after 'settling'",
    )
    months: int = Field(default=MONTHS_KEPT, ge=1, le=MONTHS_KEPT, description="Past months to collect at first")
    max_request_cost_per_day: Dollars = Field(
        default=Decimal("1.00"), description="Maximum cost of requests on a UTC day"
    )
    endpoint: str | None = Field(default=None, description="URL of a compatible server")

    @field_validator("group_by")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        found = [Grouping.parse(name) for name in names]
        if len({one.column for one in found}) != len(found):
            raise InvalidValue("both groupings map to the same column", "Choose two different groupings")
        return names

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        return tuple(Grouping.parse(name) for name in self.group_by)

    @property
    def metrics(self) -> tuple[str, str]:
        """The metric that is BilledCost, and the one that is EffectiveCost."""
        return ("NetUnblendedCost", "NetAmortizedCost") if self.net else ("UnblendedCost", "AmortizedCost")
