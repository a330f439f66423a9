"""What costs can be grouped by, and the FOCUS column that each grouping fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from finops.documents import did_you_mean
from finops.errors import InvalidValue

MOST = 2
"""Groupings of one request (API reference of GetCostAndUsage)."""

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "AZ": "AvailabilityZone",
        "INSTANCE_TYPE": "x_InstanceType",
        "INVOICING_ENTITY": "InvoiceIssuerName",
        "LEGAL_ENTITY_NAME": "x_LegalEntityName",
        "LINKED_ACCOUNT": "SubAccountId",
        "OPERATION": "x_Operation",
        "PLATFORM": "x_Platform",
        "PURCHASE_TYPE": "x_PurchaseType",
        "RECORD_TYPE": "x_RecordType",
        "REGION": "RegionId",
        "SERVICE": "ServiceName",
        "TENANCY": "x_Tenancy",
        "USAGE_TYPE": "x_UsageType",
    }
)
"""Dimension -> column. The ``x_`` names are those of AWS's own FOCUS export where it has one."""

COMMITMENT_FEES = (
    "Recurring",
    "Upfront",
    "RIFee",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "Recurring reservation fee",
    "Upfront reservation fee",
)
"""Record types whose amortised cost is what of a commitment was not used."""

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "Support"), "Usage"
        ),
        **dict.fromkeys(("Fee", *COMMITMENT_FEES), "Purchase"),
        "Tax": "Tax",
        "Credit": "Credit",
    }
)
"""RECORD_TYPE -> ChargeCategory; every other type (refunds, discounts that AWS shows as charges of their own) adjusts.

The negation of a savings plan stays with the usage that it takes back: apart, usage would count a price that nobody
pays.
"""


@dataclass(frozen=True, slots=True)
class Grouping:
    """One of at most two. ``key``: the dimension, the tag's key or the cost category's name."""

    type: Literal["DIMENSION", "TAG", "COST_CATEGORY"]
    key: str

    @classmethod
    def parse(cls, text: str) -> Grouping:
        """``SERVICE``, ``tag:team`` or ``cost-category:Product``. Raises ``InvalidValue``."""
        prefix, colon, key = text.partition(":")
        if colon and key and prefix in {"tag", "cost-category"}:
            return cls("TAG" if prefix == "tag" else "COST_CATEGORY", key)
        if text not in COLUMNS:
            hint = did_you_mean(text, [*COLUMNS, "tag:KEY", "cost-category:NAME"])
            raise InvalidValue(f"costs cannot be grouped by '{text}'", f"{hint}")
        return cls("DIMENSION", text)

    @property
    def definition(self) -> dict[str, str]:
        """As the request has it."""
        return {"Type": self.type, "Key": self.key}

    @property
    def column(self) -> str:
        """Where its values stand: tags and cost categories are JSON objects."""
        return {"TAG": "Tags", "COST_CATEGORY": "x_CostCategories"}.get(self.type) or COLUMNS[self.key]

    def value(self, key: str) -> str | None:
        """A key of the answer -> the value, None for charges without one.

        Tags and cost categories come as ``key$value``, ``key$`` where there is none; a dimension that a charge has not
        comes as ``NoRegion``, ``NoInstanceType``, ``NoAZ``.
        """
        if self.type == "DIMENSION":
            is_none = key.casefold() == f"no{self.key.replace('_', '').casefold()}"
            return None if is_none else key or None
        return key.removeprefix(f"{self.key}$") or None
