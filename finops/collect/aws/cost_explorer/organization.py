"""Names of accounts from AWS Organizations, where that is allowed; elsewhere a note says what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from finops.collect.aws.cost_explorer.pages import REGION
from finops.collect.aws.cost_explorer.rows import Accounts
from finops.collect.aws.failures import aws_failures, error_code
from finops.collect.aws.session import aws_client, count_calls
from finops.errors import FinopsError
from finops.ports.source import Usage

LIST, DESCRIBE = "organizations:ListAccounts", "organizations:DescribeOrganization"
_NONE = "AWSOrganizationsNotInUseException"


@dataclass
class Organization:
    """The organization that the credentials belong to. These calls are free."""

    source: str
    endpoint: str | None
    usage: Usage = field(repr=False)

    def accounts(self) -> tuple[Accounts, list[str]]:
        """What is known of the accounts, and a note for each thing that could not be had. Never raises."""
        notes: list[str] = []
        payer, names = None, {}
        try:
            payer = self._payer()
        except FinopsError as error:
            notes.append(f"the ID of the management account is unknown: {error}")
        try:
            names = self._names() if payer or notes else {}
        except FinopsError as error:
            notes.append(f"account names are taken from Cost Explorer: {error}")
        return Accounts(payer, names), notes

    def _payer(self) -> str | None:
        """None where the account is in no organization: then there are no names to ask for either."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import, and only for AWS

        with aws_failures(self._where, DESCRIBE):
            try:
                return str(self._client.describe_organization()["Organization"]["MasterAccountId"])
            except ClientError as error:
                if error_code(error) == _NONE:
                    return None
                raise

    def _names(self) -> dict[str, str]:
        with aws_failures(self._where, LIST):
            pages = self._client.get_paginator("list_accounts").paginate()
            return {account["Id"]: account["Name"] for page in pages for account in page["Accounts"]}

    @property
    def _where(self) -> str:
        return f"{self.source}, AWS Organizations"

    @cached_property
    def _client(self) -> Any:
        client = aws_client("organizations", where=self._where, endpoint=self.endpoint, region=REGION)
        count_calls(client, "organizations", self.usage)
        return client
