"""Alerts that an evaluation says nothing about: gone for good, or only not seen?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from finops.alert.decide import Gone
from finops.model.alert import AlertRecord, ChangeReason
from finops.model.finding import Finding, State

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
    """Which policies may count as removed. Not for two threads at once."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._missing: set[str] = set()
        self._since: datetime | None = None

    def present(
        self, loaded: Collection[str], alerting: Collection[str], *, unreadable: bool, now: datetime
    ) -> set[str]:
        """``loaded``, and the policies that are missing but not certainly removed.

        ``alerting``: those with a live alert. ``unreadable``: a file that cannot be read may hold any of the missing.
        All policies at once, or more than half of them, are removed only once they are still missing ``SECOND_LOOK``
        after they were first missed.
        """
        known = self._known | set(alerting)
        missing = known - set(loaded)
        if not unreadable and (loaded and 2 * len(missing) <= len(known)):
            self._known, self._missing, self._since = set(loaded), set(), None
            return set(loaded)
        if self._since is None or not missing <= self._missing:
            self._missing, self._since = missing, now
        if unreadable or now - self._since < SECOND_LOOK:
            self._known = known | set(loaded)
            return self._known
        self._known, self._missing, self._since = set(loaded), set(), None
        return set(loaded)
