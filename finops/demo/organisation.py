"""The demo's invented shop: who spends, in which accounts, and how much a month.

Amounts are EUR of EffectiveCost for a mean month at the level of today (incidents included). The starter budgets are
12,000 for checkout, 9,000 for search, 20,000 for platform, 15,000 for data and 8,000 for ml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

SourceName = Literal["aws", "azure", "datacentre", "ai"]

ORGANISATION = "Fernhollow"
UNALLOCATED = "unallocated"
TEAMS = ("checkout", "search", "platform", "data", "ml", UNALLOCATED)

CURRENCIES: Mapping[SourceName, str] = MappingProxyType(
    {"aws": "USD", "azure": "EUR", "datacentre": "EUR", "ai": "USD"}
)

MONTHLY_EUR: Mapping[SourceName, Mapping[str, int]] = MappingProxyType(
    {
        "aws": {"checkout": 11750, "search": 4300, "platform": 6900, "data": 8500, "ml": 2600, UNALLOCATED: 2600},
        "azure": {"checkout": 3000, "search": 1450, "platform": 3100, "data": 3350, UNALLOCATED: 900},
        "ai": {"checkout": 300, "search": 400, "data": 150, "ml": 10500, UNALLOCATED: 450},
    }
)
"""The datacentre's bill is the sum of its contracts: see ``datacentre.py``."""

BUDGETS_EUR: Mapping[str, int] = MappingProxyType(
    {"checkout": 12000, "search": 9000, "platform": 20000, "data": 15000, "ml": 8000}
)
"""Monthly amounts of the starter policies."""

PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "checkout": "storefront",
        "search": "storefront",
        "platform": "shared",
        "data": "insights",
        "ml": "assistant",
        UNALLOCATED: "shared",
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    """A sub account (AWS account, Azure subscription, AI project). ``team`` None: nobody in particular."""

    id: str
    name: str
    team: str | None
    environment: str


AWS_PAYER = Account("910273645518", "fernhollow-management", "platform", "prod")
AWS_ACCOUNTS = (
    AWS_PAYER,
    Account("004271905836", "fernhollow-checkout-prod", "checkout", "prod"),
    Account("318840027715", "fernhollow-checkout-staging", "checkout", "staging"),
    Account("318840027716", "fernhollow-checkout-dev", "checkout", "dev"),
    Account("450093318276", "fernhollow-search-prod", "search", "prod"),
    Account("450093318277", "fernhollow-search-staging", "search", "staging"),
    Account("450093318278", "fernhollow-search-dev", "search", "dev"),
    Account("027759146603", "fernhollow-shared-prod", "platform", "prod"),
    Account("027759146604", "fernhollow-shared-dev", "platform", "dev"),
    Account("662018457390", "fernhollow-data-prod", "data", "prod"),
    Account("662018457391", "fernhollow-data-staging", "data", "staging"),
    Account("662018457392", "fernhollow-data-dev", "data", "dev"),
    Account("783315902248", "fernhollow-ml-prod", "ml", "prod"),
    Account("783315902249", "fernhollow-ml-dev", "ml", "dev"),
    Account("800641277953", "fernhollow-sandbox", None, "dev"),
)

AZURE_ACCOUNTS = (
    Account("6f0e4c1a-52d7-4b8e-9a3f-0c71d2e58b14", "sub-checkout-prod", "checkout", "prod"),
    Account("b2d9a7f3-1c46-4e05-8f7b-93a4e6015cd2", "sub-checkout-dev", "checkout", "dev"),
    Account("0d83e5b6-7a19-4c2f-b640-5e12f8a9c737", "sub-search-prod", "search", "prod"),
    Account("4417c9d0-e3b8-46fa-a25d-c08b7f3e1965", "sub-platform-prod", "platform", "prod"),
    Account("9ac25e78-04f1-4d36-8b9e-71d3a6c0f542", "sub-platform-dev", "platform", "dev"),
    Account("e1b64f09-8d27-4a53-9c10-2f6a7b85d3c8", "sub-data-prod", "data", "prod"),
    Account("57f3a81c-b960-4e7d-83a2-d4c915e60b7f", "sub-data-dev", "data", "dev"),
    Account("c30d7be2-6154-49f8-b7d3-8ea2f019465a", "sub-sandbox", None, "dev"),
)

AI_PROJECTS = (
    Account("proj_a8Kq2", "assistant-prod", "ml", "prod"),
    Account("proj_c1Vd7", "assistant-dev", "ml", "dev"),
    Account("proj_f5Jx9", "search-ranking", "search", "prod"),
    Account("proj_h3Nw4", "checkout-support", "checkout", "prod"),
    Account("proj_m6Rt0", "insights-summaries", "data", "prod"),
    Account("proj_default", "default", None, "dev"),
)
