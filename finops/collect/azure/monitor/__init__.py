"""Demand kind ``azure-monitor``: a metric of an Azure resource, one value a day."""

from finops.collect.azure.monitor.demand import AzureMonitorDemand
from finops.collect.azure.monitor.options import AzureMonitorDemandOptions

__all__ = ["AzureMonitorDemand", "AzureMonitorDemandOptions"]
