"""Dashboards for Grafana, as code."""

from finops_exporters.grafana.exporter import GrafanaExporter

__all__ = ["GrafanaExporter"]
