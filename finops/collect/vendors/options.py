"""What finops.yaml says of an AI vendor's bill."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.http_client import check_address
from finops.model.secret import Secret


class VendorOptions(BaseModel):
    """The months that are read: the newest ``months`` each time, older ones from ``since`` once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: Secret = Field(description="An admin key, by reference", examples=[{"env": "ADMIN_KEY"}])
    endpoint: str = Field(default="", description="URL of a compatible server, such as a proxy")
    account: str | None = Field(
        default=None, description="BillingAccountId of the rows; by default the organisation's id, or the source's name"
    )
    months: int = Field(default=2, ge=2, le=36, description="How many months are read each time, the open one included")
    since: date | None = Field(default=None, description="The first month to have; missing ones are read once")
    timeout_seconds: float = Field(default=60.0, gt=0, le=600, description="How long an answer may take")

    default_endpoint: ClassVar[str] = ""

    @field_validator("endpoint")
    @classmethod
    def _address(cls, endpoint: str) -> str:
        return check_address(endpoint) if endpoint else endpoint

    @property
    def address(self) -> str:
        return self.endpoint or self.default_endpoint
