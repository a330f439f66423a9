"""Policies and the lake -> verdicts. Pure: files in, values out, no clock, no network."""

from finops.evaluate.engine import evaluate
from finops.evaluate.explain import explain
from finops.policy.load import load_policies, read_policies
from finops.policy.schema import policy_schema

__all__ = ["evaluate", "explain", "load_policies", "policy_schema", "read_policies"]
