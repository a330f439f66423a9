"""What drove a change of cost: which services, accounts, regions and resources, and by volume, price or mix."""

from finops.evaluate.drivers.changes import ChangeExplanation, explain_changes
from finops.evaluate.drivers.rows import charged_within

__all__ = ["ChangeExplanation", "charged_within", "explain_changes"]
