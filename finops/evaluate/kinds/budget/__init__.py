"""Is spending within budget?"""

from finops.evaluate.kinds.budget.kind import Budget

__all__ = ["Budget"]
