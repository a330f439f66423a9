"""SQL conditions over FOCUS columns, dimensions and tags: parsed with places, checked, run natively by Polars."""

from finops.conditions.condition import ComparedValue, Condition, parse
from finops.conditions.words import ConditionFault, ConditionFaults, tag_value

__all__ = ["ComparedValue", "Condition", "ConditionFault", "ConditionFaults", "parse", "tag_value"]
