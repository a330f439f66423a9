"""Will this period cost more than agreed?"""

from finops.evaluate.kinds.budget.kind import Budget

__all__ = ["Budget"]
