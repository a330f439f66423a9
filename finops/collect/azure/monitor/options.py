"""What finops.yaml says of a metric of Azure Monitor."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.collect.azure.identity import SignInOptions
from finops.errors import InvalidValue

Aggregation = Literal["Total", "Average", "Minimum", "Maximum", "Count"]

RETENTION_DAYS = 92
"""Metrics are kept for 93 days; the oldest of them is cut in its middle ("Azure Monitor Metrics overview")."""

_RESOURCE = re.compile(
    r"/subscriptions/[^/\s]+/resourceGroups/[^/\s]+/providers/[^/\s]+(/[^/\s]+/[^/\s]+)+", re.IGNORECASE
)


class AzureMonitorDemandOptions(BaseModel):
    """Requests, messages or users that Azure Monitor counts for a resource, by UTC day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource: str = Field(
        description="Resource ID",
        examples=["/subscriptions/…/resourceGroups/shop/providers/Microsoft.Web/sites/shop"],
    )
    metric: str = Field(description="The metric's name in the REST API", examples=["Requests"])
    aggregation: Aggregation = Field(default="Total", description="Aggregation of the samples of a day")
    namespace: str | None = Field(default=None, description="Namespace of a custom metric; default: the resource's own")
    dimensions: list[str] = Field(
        default_factory=list, description="Dimensions of the metric to split by", max_length=10
    )
    days: int = Field(default=RETENTION_DAYS, ge=1, le=RETENTION_DAYS, description="Days to read")
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")
    sign_in: SignInOptions | None = Field(
        default=None, description="Authentication method; default: what azure-identity finds"
    )
    endpoint: str | None = Field(
        default=None, description="URL of another Azure Resource Manager or a compatible server"
    )

    @field_validator("resource")
    @classmethod
    def _a_resource(cls, value: str) -> str:
        if not _RESOURCE.fullmatch(value.rstrip("/")):
            said = (
                "Write /subscriptions/ID/resourceGroups/NAME/providers/TYPE/NAME; the portal shows it under JSON View"
            )
            raise InvalidValue(f"'{value}' is not a resource ID", f"{said}")
        return value.rstrip("/")

    @field_validator("metric")
    @classmethod
    def _one_metric(cls, value: str) -> str:
        if not value.strip() or "," in value:
            raise InvalidValue(f"'{value}' is not one metric", "Name one metric; each metric is a separate series")
        return value.strip()

    @field_validator("dimensions")
    @classmethod
    def _distinct(cls, value: list[str]) -> list[str]:
        for name in value:
            if name in {"day", "value"} or value.count(name) > 1 or not re.fullmatch(r"\w+", name):
                raise InvalidValue(
                    f"'{name}' cannot be a dimension", "Name each one once; 'day' and 'value' are reserved"
                )
        return value
