"""What finops.yaml says of an AI vendor's bill, and which months are read."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.http_client import check_address
from finops.model.period import month_start
from finops.model.secret import Secret
from finops.ports.source import Window


class VendorOptions(BaseModel):
    """The months that are read: the newest ``months`` each time, older ones from ``since`` once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: Secret = Field(description="Admin key, by reference", examples=[{"env": "ADMIN_KEY"}])
    endpoint: str = Field(default="", description="URL of a compatible server, such as a proxy")
    account: str | None = Field(
        default=None,
        description="BillingAccountId of the rows; default: the organisation ID, or the name of the source",
    )
    months: int = Field(default=2, ge=2, le=36, description="Months to read, including the current one")
    since: date | None = Field(default=None, description="First month to collect; missing months are read once")
    timeout_seconds: float = Field(default=60.0, gt=0, le=600, description="Timeout of a request")

    default_endpoint: ClassVar[str] = ""

    @field_validator("endpoint")
    @classmethod
    def _address(cls, endpoint: str) -> str:
        return check_address(endpoint) if endpoint else endpoint

    @property
    def address(self) -> str:
        return self.endpoint or self.default_endpoint


def months_to_read(
    today: date, known: Container[date], window: Window, *, newest: int, since: date | None
) -> list[date]:
    """Starts of months, oldest first: the ``newest`` ones, and older ones from ``since`` that are not ``known``.

    A window with a first day asks for everything from there, known or not. Nothing is asked outside of the window.
    """
    open_month = month_start(today)
    again = month_start(open_month, 1 - newest)
    first = min(month_start(window.first or since or again), again)
    months, month = [], first
    while month <= open_month:
        wanted = month >= again or window.first is not None or month not in known
        if wanted and month in window:
            months.append(month)
        month = month_start(month, 1)
    return months
