"""SQL conditions over FOCUS columns, dimensions and tags: parsed with places, checked, run natively by Polars."""

from finops.conditions.condition import Condition, parse
from finops.conditions.fault import ConditionFault, ConditionFaults
from finops.conditions.tag import tag_value

__all__ = ["Condition", "ConditionFault", "ConditionFaults", "parse", "tag_value"]
