"""Is the data late?"""

from finops.evaluate.kinds.freshness.kind import Freshness

__all__ = ["Freshness"]
