"""The tests beside the policies, run when somebody looks at them and again when a file has changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from finops.policy.files import policy_files, policy_test_files
from finops.policy.testing import PolicyCase
from finops.ports.pages import TestOutcome
from finops.app.container import Container
from finops.app.policies.check import check_policies
from finops.app.policies.run_tests import run_case
from finops.app.policies.context import surroundings_of

_Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of the last change and size of each file: when they are the same, so is what comes out."""


class PolicyTests:
    """Safe to use from several threads; one runs tests at a time."""

    def __init__(self, parts: Container) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._stamp: _Stamp = ()
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
        around = surroundings_of(self._parts.config)
        files = [*policy_files(around.policies)[0], *policy_test_files(around.policies)]
        stats = [(str(file), file.stat()) for file in files]
        stamp = tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
        if stamp == self._stamp:
            return
        self._cases = check_policies(around.policies, around).cases
        self._outcomes, self._stamp = {}, stamp

    def _run(self, case: PolicyCase) -> TestOutcome:
        outcome = run_case(case, surroundings_of(self._parts.config))
        return TestOutcome(
            name=case.name,
            place=case.place,
            text=case.document.text,
            faults=tuple(str(mismatch) for mismatch in outcome.mismatches),
        )
