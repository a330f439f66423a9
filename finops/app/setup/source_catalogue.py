"""The sources that ``finops init`` offers, and what it asks about each. Everything else has a page in docs/sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Question:
    """``key``: the option of the source. ``default``: None = it must be answered, '' = it may stay empty.

    ``form``: ``env`` answers are names of environment variables, and are written as references.
    """

    key: str
    asks: str
    example: str
    default: str | None = None
    form: Literal["text", "env"] = "text"


@dataclass(frozen=True, slots=True)
class Offered:
    """``name``: of the source, unless another is given. ``fixed``: options that are written as they stand.

    ``bills_in``: the currency of these bills, where it is always the same. ``needs``: what must be there first.
    """

    kind: str
    title: str
    name: str
    questions: tuple[Question, ...]
    fixed: str
    needs: str
    bills_in: str = ""


def _key(variable: str) -> Question:
    return Question("api_key", "environment variable with an admin key", variable, variable, "env")


_ALL = (
    Offered(
        "aws-data-export",
        "AWS: a data export in S3 (FOCUS or CUR 2.0; complete, free)",
        "aws",
        (
            Question("bucket", "S3 bucket of the export", "our-bills"),
            Question("prefix", "S3 path prefix of the export", "focus", default=""),
            Question("export", "name of the export", "focus-daily"),
        ),
        "every: 6h",
        "AWS credentials (profile, role or environment) with the policy in iam/aws-data-export.json",
        "USD",
    ),
    Offered(
        "aws-cost-explorer",
        "AWS: Cost Explorer (available immediately, less detailed, 0.01 USD per request)",
        "aws-quick",
        (),
        "group_by: [SERVICE, LINKED_ACCOUNT], every: 12h, max_request_cost_per_day: 1.00 USD",
        "AWS credentials (profile, role or environment) with the policy in iam/aws-cost-explorer.json",
        "USD",
    ),
    Offered(
        "azure-cost-export",
        "Azure: a Cost Management export in a storage account (complete, free)",
        "azure",
        (
            Question("account_url", "address of the storage account", "https://ourbills.blob.core.windows.net"),
            Question("container", "container of the exports", "exports"),
            Question("directory", "folder of the exports in it", "focus", default=""),
        ),
        "every: 6h",
        "an identity that azure-identity finds, with the role in azure-roles/azure-cost-export.json",
    ),
    Offered(
        "azure-cost-query",
        "Azure: Cost Management query API (available immediately, less detailed)",
        "azure-quick",
        (
            Question(
                "scope",
                "scope: a subscription, a management group, a billing account",
                "/subscriptions/00000000-0000-0000-0000-000000000000",
            ),
        ),
        "every: 24h",
        "an identity that azure-identity finds, with the role in azure-roles/azure-cost-query.json",
    ),
    Offered(
        "gcp-billing",
        "Google Cloud: its FOCUS export or view in BigQuery",
        "gcp",
        (
            Question(
                "table",
                "table or view with FOCUS columns: project.dataset.table",
                "billing.gcp_billing_immutable_0A1B2C_EU.gcp_billing_export_focus_0A1B2C",
            ),
            Question("project", "project that runs the queries (empty: the table's)", "finops", default=""),
        ),
        "every: 12h",
        "the extra 'gcp', and Google credentials with roles/bigquery.jobUser and roles/bigquery.dataViewer",
    ),
    Offered(
        "focus-files",
        "Files in FOCUS 1.0 to 1.4, of any provider: a folder, a glob, s3://, gs:// or abfss://",
        "bills",
        (Question("path", "files, a glob or a folder", "./bills"),),
        "every: 6h",
        "the files",
    ),
    Offered(
        "openai-costs",
        "OpenAI: costs and tokens",
        "openai",
        (_key("OPENAI_ADMIN_KEY"),),
        "every: 6h",
        "an admin key in that environment variable",
        "USD",
    ),
    Offered(
        "anthropic-costs",
        "Anthropic: costs and tokens",
        "anthropic",
        (_key("ANTHROPIC_ADMIN_KEY"),),
        "every: 6h",
        "an admin key in that environment variable",
        "USD",
    ),
)

OFFERED: Mapping[str, Offered] = {one.kind: one for one in _ALL}
"""Kind -> what is asked, in the order in which they are offered."""
