"""Metrics for Prometheus and everything that scrapes like it."""

from finops_exporters.prometheus.exporter import PrometheusExporter

__all__ = ["PrometheusExporter"]
