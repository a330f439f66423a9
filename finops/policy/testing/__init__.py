"""Unit tests of policies: files in, cases with places out; findings held against what was expected."""

from finops.policy.testing.case import PolicyCase, policy_test_schema
from finops.policy.testing.compare import Mismatch, compare
from finops.policy.testing.read import Vocabulary, cases_of

__all__ = ["Mismatch", "PolicyCase", "Vocabulary", "cases_of", "compare", "policy_test_schema"]
