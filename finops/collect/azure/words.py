"""Azure's own words for charges, as FOCUS says them: for cost details and the Cost Management query.

Source of ChargeType, PricingModel and Frequency: "Convert Cost Management data to FOCUS", microsoft/finops-toolkit,
docs-mslearn/focus/convert.md. Every key is lower case and without blanks: answers and files differ in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CHARGE_CATEGORY: Mapping[str, str] = MappingProxyType(
    {
        "usage": "Usage",
        "purchase": "Purchase",
        "credit": "Credit",
        "tax": "Tax",
        "unusedreservation": "Usage",
        "unusedsavingsplan": "Usage",
        "refund": "Purchase",
    }
)
OTHER_CHARGE = "Adjustment"
"""Of every other ChargeType, such as RoundingAdjustment."""

PRICING_CATEGORY: Mapping[str, str] = MappingProxyType(
    {"ondemand": "Standard", "spot": "Dynamic", "reservation": "Committed", "savingsplan": "Committed"}
)

CHARGE_FREQUENCY: Mapping[str, str] = MappingProxyType(
    {"onetime": "One-Time", "recurring": "Recurring", "usagebased": "Usage-Based"}
)

COMMITTED = frozenset({"reservation", "savingsplan"})
"""PricingModels whose price was agreed for a term."""

UNUSED = frozenset({"unusedreservation", "unusedsavingsplan"})
"""ChargeTypes of commitment that nobody used."""

SERVICE_CATEGORY: Mapping[str, str] = MappingProxyType(
    {
        "ai+machinelearning": "AI and Machine Learning",
        "analytics": "Analytics",
        "azurearc": "Multicloud",
        "azurecommunicationservices": "Integration",
        "blockchain": "Other",
        "compute": "Compute",
        "containers": "Compute",
        "data": "Databases",
        "databases": "Databases",
        "developertools": "Developer Tools",
        "gaming": "Other",
        "integration": "Integration",
        "internetofthings": "Internet of Things",
        "managementandgovernance": "Management and Governance",
        "media": "Media",
        "microsoftsyntex": "Business Applications",
        "migration": "Migration",
        "mixedreality": "Other",
        "networking": "Networking",
        "powerplatform": "Business Applications",
        "quantumcomputing": "Compute",
        "security": "Security",
        "storage": "Storage",
        "telecommunications": "Networking",
        "virtualdesktop": "Compute",
        "web": "Web",
        "windowsvirtualdesktop": "Compute",
    }
)
"""ServiceFamily of the price list (learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices,
"serviceFamily") -> the FOCUS ServiceCategory that means the same. Microsoft's own FOCUS exports map single services
instead, so a few services stand elsewhere there."""

OTHER_SERVICE = "Other"


def word(value: object) -> str:
    """``value`` as the keys above are written; an empty text for nothing."""
    return "" if value is None else "".join(str(value).split()).lower()
