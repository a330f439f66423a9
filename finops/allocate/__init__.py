"""Shared costs are moved to those who use what they pay for, exactly. Pure: the same bills, series and rules give the
same bytes, so whoever has a data version and the rules has what was allocated."""

from finops.allocate.rules import NO_RULES, Rules
from finops.allocate.transfers import allocate
from finops.allocate.view import AllocatedView, MovedView

__all__ = ["NO_RULES", "AllocatedView", "MovedView", "Rules", "allocate"]
