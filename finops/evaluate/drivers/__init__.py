"""What drove a change of cost: which services, accounts, regions and resources, and by volume, price or mix."""

from finops.evaluate.drivers.changes import ChangeExplanation, explain_changes

__all__ = ["ChangeExplanation", "explain_changes"]
