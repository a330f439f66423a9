"""Is a day unlike its own past?"""

from finops.evaluate.kinds.anomaly.kind import Anomaly

__all__ = ["Anomaly"]
