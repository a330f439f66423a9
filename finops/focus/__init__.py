"""Bills of any FOCUS version as rows of the newest: schema, conforming, dimensions. Pure but for reading the parts."""

from finops.focus.conform import Conformed, conform
from finops.focus.delivery import deliver
from finops.focus.dimensions import Dimensions

__all__ = ["Conformed", "Dimensions", "conform", "deliver"]
