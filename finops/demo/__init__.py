"""A shop that does not exist, with 13 months of bills: deterministic, with its truth written beside it."""

from finops.demo.configuration import write_config
from finops.demo.generate import restate, write_demo
from finops.demo.incidents import Incident
from finops.demo.project import ProjectBudget
from finops.demo.truth import Expected, PeriodSums, Restatement, Truth

__all__ = [
    "Expected",
    "Incident",
    "PeriodSums",
    "ProjectBudget",
    "Restatement",
    "Truth",
    "restate",
    "write_config",
    "write_demo",
]
