"""What finops.yaml says of the emissions of Azure subscriptions."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from finops.collect.azure.identity import SignInOptions
from finops.errors import InvalidValue

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _id(value: str) -> str:
    found = value.lower().removeprefix("/subscriptions/")
    if not _ID.fullmatch(found):
        raise InvalidValue(f"'{value}' is not a subscription ID", "Write it like 00000000-0000-0000-0000-000000000000")
    return found


class AzureCarbonOptions(BaseModel):
    """Emissions of subscriptions by resource and month, from Azure Carbon Optimization."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subscriptions: list[Annotated[str, AfterValidator(_id)]] = Field(
        min_length=1, description="Subscription IDs", examples=[["00000000-0000-0000-0000-000000000000"]]
    )
    ghg_scopes: list[Literal["Scope1", "Scope2", "Scope3"]] = Field(
        default=["Scope1", "Scope2", "Scope3"], min_length=1, description="GHG Protocol scopes to sum"
    )
    sign_in: SignInOptions | None = Field(
        default=None, description="Authentication method; default: what azure-identity finds"
    )
    endpoint: str | None = Field(
        default=None, description="URL of another Azure Resource Manager or a compatible server"
    )
