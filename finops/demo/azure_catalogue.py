"""What the demo's teams use on Azure. Prices are list prices in EUR, near the real ones of West Europe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from finops.demo.incidents import UNTAGGED_GROWTH
from finops.demo.line import Sku, Use
from finops.demo.organisation import UNALLOCATED

RESERVATION = (
    "/providers/Microsoft.Capacity/reservationOrders/5d1c7a42-90e3-4f6b-8b27-1ae06d94c3f5"
    "/reservations/c8f20b6d-47a1-4e95-b3d8-62f7e01a95cb"
)

_VM = ("Virtual Machines", "Compute", "Virtual Machines")

SKUS: Mapping[str, Sku] = MappingProxyType(
    {
        "d4s": Sku(*_VM, "D4s v5", "1 Hour", Decimal("0.2163"), consumed_unit="Hours", resource_type="Virtual machine"),
        "reserved": Sku(
            *_VM,
            "E8ds v5",
            "1 Hour",
            Decimal("0.6084"),
            shape="steady",
            consumed_unit="Hours",
            resource_type="Virtual machine",
            noise_ratio=0.004,
        ),
        "sql": Sku(
            "SQL Database",
            "Databases",
            "Relational Databases",
            "vCore General Purpose",
            "1 Hour",
            Decimal("0.1268"),
            shape="steady",
            consumed_unit="Hours",
            resource_type="SQL database",
            noise_ratio=0.015,
        ),
        "cosmos": Sku(
            "Azure Cosmos DB",
            "Databases",
            "NoSQL Databases",
            "100 RU/s",
            "1/Hour",
            Decimal("0.0075"),
            consumed_unit="Hours",
            resource_type="Azure Cosmos DB account",
        ),
        "storage": Sku(
            "Storage Accounts",
            "Storage",
            "Object Storage",
            "Hot LRS Data Stored",
            "1 GB/Month",
            Decimal("0.0184"),
            shape="steady",
            consumed_unit="GB-Months",
            resource_type="Storage account",
            noise_ratio=0.01,
        ),
        "aks": Sku(
            "Azure Kubernetes Service",
            "Compute",
            "Containers",
            "Standard Uptime SLA",
            "1 Hour",
            Decimal("0.0912"),
            shape="steady",
            consumed_unit="Hours",
            resource_type="Kubernetes service",
            noise_ratio=0.01,
        ),
        "app-service": Sku(
            "Azure App Service",
            "Web",
            "Application Platforms",
            "P1 v3 App",
            "1 Hour",
            Decimal("0.2327"),
            consumed_unit="Hours",
            resource_type="App Service plan",
        ),
        "front-door": Sku(
            "Azure Front Door Service",
            "Networking",
            "Content Delivery",
            "Data Transfer Out",
            "1 GB",
            Decimal("0.0766"),
            consumed_unit="GB",
            resource_type="Front Door profile",
        ),
        "network": Sku(
            "Virtual Network",
            "Networking",
            "Network Infrastructure",
            "Inter-Region Egress",
            "1 GB",
            Decimal("0.0184"),
            consumed_unit="GB",
            resource_type="Virtual network",
        ),
        "monitor": Sku(
            "Azure Monitor",
            "Management and Governance",
            "Observability",
            "Analytics Logs Data Ingestion",
            "1 GB",
            Decimal("2.5300"),
            consumed_unit="GB",
            resource_type="Log Analytics workspace",
        ),
        "event-hubs": Sku(
            "Event Hubs",
            "Integration",
            "Messaging",
            "Standard Throughput Unit",
            "1 Hour",
            Decimal("0.0276"),
            consumed_unit="Hours",
            resource_type="Event Hubs namespace",
        ),
        "databricks": Sku(
            "Azure Databricks",
            "Analytics",
            "Data Processing",
            "Premium Jobs Compute DBU",
            "1 Hour",
            Decimal("0.2760"),
            shape="batch",
            consumed_unit="Hours",
            resource_type="Azure Databricks service",
        ),
        "key-vault": Sku(
            "Key Vault",
            "Security",
            "Secret Management",
            "Operations",
            "10K",
            Decimal("0.0276"),
            consumed_unit="Operations",
            consumed_per_unit=10000,
            resource_type="Key vault",
        ),
    }
)


USES: Mapping[str, Sequence[Use]] = MappingProxyType(
    {
        "checkout": (
            Use("sql", 820, 2),
            Use("reserved", 480, commitment=RESERVATION),
            Use("app-service", 560, 2),
            Use("d4s", 340, 2),
            Use("cosmos", 260),
            Use("front-door", 210),
            Use("monitor", 150),
            Use("storage", 90),
            Use("key-vault", 30),
        ),
        "search": (
            Use("aks", 190),
            Use("d4s", 540, 3),
            Use("cosmos", 260),
            Use("storage", 130),
            Use("network", 110),
            Use("monitor", 120),
        ),
        "platform": (
            Use("aks", 420, 3),
            Use("d4s", 780, 3),
            Use("monitor", 560, 2),
            Use("storage", 330, 2),
            Use("network", 380, 2),
            Use("event-hubs", 180),
            Use("key-vault", 60),
            Use("front-door", 140),
        ),
        "data": (
            Use("databricks", 1150, 3),
            Use("reserved", 620, commitment=RESERVATION),
            Use("storage", 640, 3),
            Use("sql", 380),
            Use("event-hubs", 210),
            Use("monitor", 120),
            Use("network", 90),
        ),
        UNALLOCATED: (
            Use("d4s", 380, 3, incident=UNTAGGED_GROWTH),
            Use("sql", 190, incident=UNTAGGED_GROWTH),
            Use("storage", 150, 2),
            Use("app-service", 120, incident=UNTAGGED_GROWTH),
            Use("monitor", 60),
        ),
    }
)
