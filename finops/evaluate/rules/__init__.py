"""The policy kinds, one file each."""

from finops.evaluate.rules.allocation import Allocation
from finops.evaluate.rules.budget import Budget
from finops.evaluate.rules.carbon import Carbon
from finops.evaluate.rules.commitment import Commitment
from finops.evaluate.rules.freshness import Freshness

__all__ = ["Allocation", "Budget", "Carbon", "Commitment", "Freshness"]
