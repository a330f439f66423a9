"""The policy kinds, one file each."""

from finops.evaluate.rules.allocation import Allocation
from finops.evaluate.rules.anomaly import Anomaly
from finops.evaluate.rules.budget import Budget
from finops.evaluate.rules.carbon import Carbon
from finops.evaluate.rules.commitment import Commitment
from finops.evaluate.rules.freshness import Freshness
from finops.evaluate.rules.growth import Growth
from finops.evaluate.rules.unit_cost import UnitCost

__all__ = ["Allocation", "Anomaly", "Budget", "Carbon", "Commitment", "Freshness", "Growth", "UnitCost"]
