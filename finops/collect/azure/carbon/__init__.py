"""Emissions kind ``azure-carbon``: the reports of Azure Carbon Optimization."""

from finops.collect.azure.carbon.options import AzureCarbonOptions
from finops.collect.azure.carbon.source import AzureCarbon

__all__ = ["AzureCarbon", "AzureCarbonOptions"]
