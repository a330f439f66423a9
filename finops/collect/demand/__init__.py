"""Where demand series (orders, users, requests) come from."""

from finops.collect.demand.csv_file import CsvDemand, CsvDemandOptions

__all__ = ["CsvDemand", "CsvDemandOptions"]
