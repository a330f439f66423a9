"""Alerts that an evaluation says nothing about: gone for good, or only not seen?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from finops.alert.decide import Gone
from finops.model.alert import AlertRecord, ChangeReason
from finops.model.finding import Finding, State
from finops.ports.state import KnownPolicies, KnownPolicy

UNSEEN = "the evaluation has no verdict for this group"
"""Why an alert is unknown that is kept although no verdict speaks of it."""


def why_gone(record: AlertRecord, verdicts: Sequence[Finding], policies: Collection[str]) -> Gone | None:
    """Why the alert may end, or None where missing data may be the cause.

    ``verdicts``: what the evaluation says of the same policy. ``policies``: the name of every policy that is loaded.
    A group ends only where the policy's other groups are all known: an unknown one, or none at all, may mean that data
    is missing. An alert whose own last verdict was unknown ends by a known verdict only, or with its policy.
    """
    if record.policy not in policies:
        return ChangeReason.POLICY_REMOVED
    own_verdict_unknown = record.unknown not in {"", UNSEEN}
    if own_verdict_unknown or not verdicts or any(finding.state is State.UNKNOWN for finding in verdicts):
        return None
    return ChangeReason.GROUP_GONE


SECOND_LOOK = timedelta(minutes=5)
"""How long policies must stay missing before their alerts end: a folder that is replaced is empty for a moment."""


class Removals:
    """Which policies may count as removed. What is known stays in the state: a restart begins no wait anew."""

    def __init__(self, policies: KnownPolicies) -> None:
        self._policies = policies

    def present(
        self, loaded: Collection[str], alerting: Collection[str], *, unreadable: bool, now: datetime
    ) -> set[str]:
        """``loaded``, and the policies that are missing but not certainly removed.

        ``alerting``: those with a live alert. ``unreadable``: a file that cannot be read may hold any of the missing.
        All policies at once, or more than half of them, are removed only once they are still missing ``SECOND_LOOK``
        after they were first missed, or when somebody has confirmed it.
        """
        before = self._policies.read()
        known = set(before) | set(alerting)
        missing = {name: before.get(name, KnownPolicy()) for name in sorted(known - set(loaded))}
        waiting = {
            name: replace(one, missing_since=one.missing_since or now)
            for name, one in missing.items()
            if not one.removal_confirmed
        }
        few = bool(loaded) and 2 * len(waiting) <= len(known) - len(missing) + len(waiting)
        since = [one.missing_since for one in waiting.values() if one.missing_since is not None]
        if not unreadable and (few or all(now - first >= SECOND_LOOK for first in since)):
            waiting = {}
        after = {**{name: KnownPolicy() for name in loaded}, **waiting}
        if after != before:
            self._policies.write(after)
        return set(after)

    def confirmed(self) -> frozenset[str]:
        """The missing policies whose removal somebody has confirmed and no evaluation has carried out yet."""
        return frozenset(name for name, one in self._policies.read().items() if one.removal_confirmed)
