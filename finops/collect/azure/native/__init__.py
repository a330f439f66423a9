"""Azure's own cost details (actual and amortised cost) as FOCUS rows, wherever the files come from."""

from finops.collect.azure.native.conversion import CostDetails, as_focus, is_cost_details, view_of
from finops.collect.azure.native.view import View

__all__ = ["CostDetails", "View", "as_focus", "is_cost_details", "view_of"]
