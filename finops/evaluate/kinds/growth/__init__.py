"""Does cost grow faster than demand?"""

from finops.evaluate.kinds.growth.kind import Growth

__all__ = ["Growth"]
