"""What finops.yaml says of a cost export."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.collect.azure.identity import EntraCredential, SignInOptions
from finops.errors import InvalidValue
from finops.objectstore.location import Location
from finops.objectstore.sign_in import SignIn

_HOST = ".blob.core.windows.net"


class AzureCostExportOptions(BaseModel):
    """Exports of Azure Cost Management: FOCUS 1.0, 1.0r2, 1.2-preview and 1.2, or actual and amortised cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_url: str = Field(
        description="The storage account's blob address", examples=["https://ourbills.blob.core.windows.net"]
    )
    container: str = Field(description="Container that exports are written to", examples=["exports"])
    directory: str = Field(
        default="",
        description="Folder in the container: the directory of all exports, or of one export",
        examples=["focus", "focus/daily"],
    )
    export: str | None = Field(default=None, description="Name of the export to read; default: all")
    sign_in: SignInOptions | None = Field(
        default=None, description="Authentication method; default: what azure-identity finds"
    )
    endpoint: str | None = Field(default=None, description="URL of a compatible server (Azurite)")

    @field_validator("account_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidValue(f"'{value}' is not a valid URL", "Write it like https://account.blob.core.windows.net")
        return value.rstrip("/")

    @field_validator("container")
    @classmethod
    def _a_container(cls, value: str) -> str:
        if not value or "/" in value:
            raise InvalidValue(f"'{value}' is not a container name", "Folders inside the container go to directory:")
        return value

    def location(self, name: str, base: Path) -> Location:
        """The container of source ``name``. No input or output.

        Accounts in other clouds have other host names, compatible servers put the account into the path: both are
        endpoints to the object store.
        """
        parts = urlsplit(self.account_url)
        host, account = parts.hostname or "", parts.path.strip("/")
        account = account or host.partition(".")[0]
        endpoint = self.endpoint or (None if host == f"{account}{_HOST}" else self.account_url)
        sign_in = SignIn(EntraCredential(self.sign_in, base=base, source=name)) if self.sign_in else None
        return Location.parse(f"abfss://{self.container}@{account}", base=base, endpoint=endpoint, sign_in=sign_in)
