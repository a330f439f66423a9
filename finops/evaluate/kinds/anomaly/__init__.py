"""Is the cost of a day unusual?"""

from finops.evaluate.kinds.anomaly.kind import Anomaly

__all__ = ["Anomaly"]
