"""Where demand series (orders, users, requests) come from."""

from finops.collect.demand.costs import CostsDemand, CostsDemandOptions
from finops.collect.demand.csv_file import CsvDemand, CsvDemandOptions
from finops.collect.demand.opencost import OpenCostDemand, OpenCostOptions
from finops.collect.demand.prometheus import PrometheusDemand
from finops.collect.demand.prometheus_options import PrometheusDemandOptions
from finops.collect.demand.sql import SqlDemand, SqlDemandOptions

__all__ = [
    "CostsDemand",
    "CostsDemandOptions",
    "CsvDemand",
    "CsvDemandOptions",
    "OpenCostDemand",
    "OpenCostOptions",
    "PrometheusDemand",
    "PrometheusDemandOptions",
    "SqlDemand",
    "SqlDemandOptions",
]
