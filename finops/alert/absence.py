"""Alerts that an evaluation says nothing about: gone for good, or only not seen?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
