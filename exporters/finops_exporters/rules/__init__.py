"""Recording and alerting rules for Prometheus."""

from finops_exporters.rules.exporter import RulesExporter

__all__ = ["RulesExporter"]
