"""Source kind ``azure-cost-export``: Cost Management exports in Blob Storage."""

from finops.collect.azure.export.options import AzureCostExportOptions
from finops.collect.azure.export.source import AzureCostExport

__all__ = ["AzureCostExport", "AzureCostExportOptions"]
