"""Alerts for an Alertmanager, by its v2 API."""

from finops_exporters.alertmanager.options import AlertmanagerOptions
from finops_exporters.alertmanager.receiver import Alertmanager

__all__ = ["Alertmanager", "AlertmanagerOptions"]
