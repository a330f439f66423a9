"""Demand series from SQL databases."""

from finops.collect.demand.sql.source import SqlDemand, SqlDemandOptions

__all__ = ["SqlDemand", "SqlDemandOptions"]
