"""How much is emitted, and how much for a unit of demand?"""

from finops.evaluate.kinds.carbon.kind import Carbon

__all__ = ["Carbon"]
