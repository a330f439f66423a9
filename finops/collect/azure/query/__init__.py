"""Source kind ``azure-cost-query``: the Cost Management query, grouped by what you choose."""

from finops.collect.azure.query.options import AzureCostQueryOptions
from finops.collect.azure.query.source import AzureCostQuery

__all__ = ["AzureCostQuery", "AzureCostQueryOptions"]
