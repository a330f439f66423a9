"""Repairs of Azure's FOCUS exports, wherever the files come from."""

from finops.collect.azure.repairs.focus_repairs import FocusRepairs, is_azure_focus, repaired

__all__ = ["FocusRepairs", "is_azure_focus", "repaired"]
