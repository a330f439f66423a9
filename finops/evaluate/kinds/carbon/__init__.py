"""How much CO2e is emitted, in total and per unit of demand?"""

from finops.evaluate.kinds.carbon.kind import Carbon

__all__ = ["Carbon"]
