"""What finops.yaml says of a demand series from Prometheus."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from finops.errors import InvalidValue
from finops.http_client import HttpOptions, check_address
from finops.model.secret import Secret

_MOST_STEPS = 11_000  # what Prometheus answers at most: https://prometheus.io/docs/prometheus/latest/querying/api/
_TAKEN = ("day", "value")


class PrometheusDemandOptions(HttpOptions):
    """One value a day, from a query that looks back one day."""

    url: str = Field(description="Prometheus' address", examples=["http://prometheus:9090"])
    query: str = Field(
        min_length=1,
        description="PromQL; evaluated at each midnight UTC for the day that ended then",
        examples=["sum(increase(orders_total[1d]))"],
    )
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")
    labels: list[str] = Field(
        default_factory=list, description="Labels of the result that become dimensions", examples=[["shop"]]
    )
    since: date | None = Field(default=None, description="First day to read")
    days: int = Field(default=400, ge=1, le=_MOST_STEPS, description="Days that each collection reads again")
    bearer_token: Secret | None = Field(default=None, description="Sent as Authorization: Bearer …")
    username: str | None = Field(default=None, description="For basic authentication, together with password")
    password: Secret | None = Field(default=None, description="For basic authentication")

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        return check_address(url)

    @field_validator("labels")
    @classmethod
    def _are_dimensions(cls, labels: list[str]) -> list[str]:
        for label in labels:
            if label in _TAKEN or labels.count(label) > 1:
                raise InvalidValue(
                    f"'{label}' cannot be a dimension", "Name each label once; 'day' and 'value' are reserved"
                )
        return labels

    @model_validator(mode="after")
    def _one_login(self) -> PrometheusDemandOptions:
        if (self.username is None) != (self.password is None):
            raise InvalidValue("username and password go together", "Set both, or neither")
        if self.username is not None and self.bearer_token is not None:
            raise InvalidValue("two authentication methods", "Set bearer_token, or username and password")
        return self

    def request_headers(self, base: Path) -> dict[str, str]:
        """As ``HttpOptions.request_headers``, and the login."""
        headers = super().request_headers(base)
        if self.bearer_token is not None:
            headers["Authorization"] = f"Bearer {self.bearer_token.reveal(base)}"
        if self.username is not None and self.password is not None:
            login = f"{self.username}:{self.password.reveal(base)}".encode()
            headers["Authorization"] = f"Basic {b64encode(login).decode('ascii')}"
        return headers
