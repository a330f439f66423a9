"""What does one order, user, request, 1,000 tokens cost?"""

from finops.evaluate.kinds.unit_cost.kind import UnitCost

__all__ = ["UnitCost"]
