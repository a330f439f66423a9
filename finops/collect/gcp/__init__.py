"""Google Cloud's bills from BigQuery."""

from finops.collect.gcp.source import GcpBilling, GcpBillingOptions

__all__ = ["GcpBilling", "GcpBillingOptions"]
