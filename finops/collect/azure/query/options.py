"""What finops.yaml says of a Cost Management query."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.collect.azure.identity import SignInOptions
from finops.documents import did_you_mean
from finops.errors import InvalidValue

_ID = r"[^/?#\s]+"
_BILLING = rf"/providers/Microsoft\.Billing/billingAccounts/{_ID}"
_SCOPES = (
    rf"/subscriptions/{_ID}(/resourceGroups/{_ID})?",
    rf"/providers/Microsoft\.Management/managementGroups/{_ID}",
    rf"{_BILLING}(/(departments|enrollmentAccounts|customers)/{_ID})?",
    rf"{_BILLING}/billingProfiles/{_ID}(/invoiceSections/{_ID})?",
)
_SCOPE = re.compile("|".join(f"(?:{scope})" for scope in _SCOPES), re.IGNORECASE)

DIMENSIONS = (
    "BenefitId",
    "BenefitName",
    "BillingAccountId",
    "BillingAccountName",
    "BillingProfileId",
    "BillingProfileName",
    "Frequency",
    "InvoiceId",
    "InvoiceSectionName",
    "Meter",
    "MeterCategory",
    "MeterId",
    "MeterSubcategory",
    "PublisherType",
    "ReservationId",
    "ReservationName",
    "ResourceGroupName",
    "ResourceId",
    "ResourceLocation",
    "ResourceType",
    "ServiceFamily",
    "ServiceName",
    "SubscriptionId",
    "SubscriptionName",
)
"""What may be grouped by. Which of them a scope has depends on its agreement: Azure's own answer names those."""


class AzureCostQueryOptions(BaseModel):
    """Daily costs of a scope from Azure Cost Management's query: soon there, and coarser than an export."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scope: str = Field(
        description="A subscription, a resource group, a management group, a billing account or a part of one",
        examples=[
            "/subscriptions/00000000-0000-0000-0000-000000000000",
            "/providers/Microsoft.Management/managementGroups/contoso",
            "/providers/Microsoft.Billing/billingAccounts/12345678",
        ],
    )
    group_by: list[str] = Field(
        default=["SubscriptionId", "SubscriptionName", "ResourceGroupName", "ServiceName"],
        description=f"Dimensions of Cost Management: {', '.join(DIMENSIONS)}",
    )
    tag: str | None = Field(default=None, description="A tag key to group by as well", examples=["team"])
    sign_in: SignInOptions | None = Field(
        default=None, description="Authentication method; default: what azure-identity finds"
    )
    endpoint: str | None = Field(
        default=None, description="URL of another Azure Resource Manager or a compatible server"
    )

    @field_validator("scope")
    @classmethod
    def _a_scope(cls, value: str) -> str:
        if not _SCOPE.fullmatch(value.rstrip("/")):
            raise InvalidValue(
                f"'{value}' is not a valid scope",
                "Write /subscriptions/ID, or one of the other forms of the documentation",
            )
        return value.rstrip("/")

    @field_validator("group_by")
    @classmethod
    def _dimensions(cls, value: list[str]) -> list[str]:
        for name in value:
            if name not in DIMENSIONS:
                raise InvalidValue(f"'{name}' is not a valid dimension", f"{did_you_mean(name, DIMENSIONS)}")
        if len(set(value)) != len(value):
            raise InvalidValue("a dimension is listed twice", "Keep it once")
        return value
