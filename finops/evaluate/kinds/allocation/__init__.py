"""How much spend has an owner?"""

from finops.evaluate.kinds.allocation.kind import Allocation

__all__ = ["Allocation"]
