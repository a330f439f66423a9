"""The tests beside the policies, run when somebody looks at them and again when a file has changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from finops.policy.files import policy_version
from finops.policy.testing import PolicyCase
from finops.ports.pages import TestOutcome
from finops.app.policies.check import check_policies
from finops.app.policies.run_tests import run_case
from finops.app.policies.context import PolicyContext


class PolicyTests:
    """Safe to use from several threads; one runs tests at a time."""

    def __init__(self, context: PolicyContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._version: object = None
        self._cases: Sequence[PolicyCase] = ()
        self._outcomes: dict[str, tuple[TestOutcome, ...]] = {}

    def of(self, policy: str) -> Sequence[TestOutcome]:
        """In the order of the files. Raises ``Malformed`` where a file cannot be read."""
        with self._lock:
            self._read()
            if policy not in self._outcomes:
                own = [case for case in self._cases if case.policy.name == policy]
                self._outcomes[policy] = tuple(self._run(case) for case in own)
            return self._outcomes[policy]

    def _read(self) -> None:
        policy_context = self._context
        version = policy_version(policy_context.policies, tests=True)
        if version == self._version:
            return
        self._cases = check_policies(policy_context.policies, policy_context).cases
        self._outcomes, self._version = {}, version

    def _run(self, case: PolicyCase) -> TestOutcome:
        outcome = run_case(case, self._context)
        return TestOutcome(
            name=case.name,
            place=case.place,
            text=case.document.text,
            faults=tuple(str(mismatch) for mismatch in outcome.mismatches),
        )
