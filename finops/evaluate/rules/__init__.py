"""The policy kinds, one file each."""

from finops.evaluate.rules.budget import Budget
from finops.evaluate.rules.freshness import Freshness

__all__ = ["Budget", "Freshness"]
