"""Unit tests of policies: files in, cases with places out; findings held against what was expected."""

from finops.evaluate.policy_tests.case import PolicyCase
from finops.evaluate.policy_tests.compare import Mismatch, compare
from finops.evaluate.policy_tests.read import Vocabulary, cases_of
from finops.evaluate.policy_tests.schema import policy_test_schema

__all__ = ["Mismatch", "PolicyCase", "Vocabulary", "cases_of", "compare", "policy_test_schema"]
