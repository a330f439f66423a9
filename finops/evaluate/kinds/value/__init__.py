"""What does a unit of money bring?"""

from finops.evaluate.kinds.value.kind import Value

__all__ = ["Value"]
