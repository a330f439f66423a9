"""Grafana's dashboards, written in its Foundation SDK -> the JSON files that finops ships (``make dashboards``)."""
