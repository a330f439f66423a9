"""What an evaluation, or a person, makes of the incidents that the state knows. Pure.

An incident is told by its policy, its group and its first day. A restated bill may move that day: a sighted incident
that overlaps an open one is the same. What ended stays as it ended, unless its last day turns out not to have been the
last. One that no evaluation sees any more is withdrawn: nothing says that the cost returned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from finops.model.alert import alert_id
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding, State
from finops.model.incident import (
    Incident,
    IncidentEnd,
    IncidentKey,
    SightedIncident,
    Sighting,
    incident_id,
    incident_key,
)

_AS_USUAL = "A bill was restated or the policy changed: its days meet no alert any more."
_POLICY_REMOVED = "The policy was removed."
_GROUP_GONE = "The group is gone from the data; the policy's other groups are known."


def incidents_after(
    evaluation: Evaluation, known: Sequence[Incident], *, policies: Collection[str], now: datetime
) -> tuple[Incident, ...]:
    """Those that begin, go on or end, as they are after the evaluation; by id. ``known``: open ones, and those that
    ended lately. ``policies``: the name of every policy that is loaded."""
    by_key: dict[IncidentKey, list[Incident]] = {}
    for incident in known:
        by_key.setdefault(incident.key, []).append(incident)
    findings = {incident_key(finding.policy, finding.group): finding for finding in evaluation.findings}
    changed: list[Incident] = []
    for key, sighting in evaluation.sightings.items():
        changed += _of_group(findings[key], sighting, by_key.get(key, ()), now)
    unsure = {finding.policy for finding in evaluation.findings if finding.state is State.UNKNOWN}
    judged = {finding.policy for finding in evaluation.findings}
    for key, incidents in by_key.items():
        policy, _ = key
        why = ""
        if policy not in policies:
            why = _POLICY_REMOVED
        elif key not in findings and policy in judged - unsure:
            why = _GROUP_GONE
        elif key in findings and key not in evaluation.sightings and findings[key].state is not State.UNKNOWN:
            why = _AS_USUAL  # its kind no longer tells incidents
        if why:
            changed += [_ended(one, IncidentEnd.WITHDRAWN, why, now) for one in incidents if one.is_open]
    before = {incident.id: incident for incident in known}
    after = {incident.id: incident for incident in changed}
    return tuple(after[key] for key in sorted(after) if after[key] != before.get(key))


def _of_group(finding: Finding, sighting: Sighting, known: Sequence[Incident], now: datetime) -> Iterator[Incident]:
    matched: set[str] = set()
    for sighted in sighting.incidents:
        before = _same(sighted, known)
        if before is not None and before.end is IncidentEnd.ACCEPTED:
            continue
        incident = before or _new(finding, sighting, sighted, now)
        matched.add(incident.id)
        yield _seen(incident, finding, sighting, sighted, now)
    ends = {one.since: one for one in sighting.ended}
    for incident in known:
        if incident.is_open and incident.id not in matched:
            end = ends.get(incident.since)
            yield _ended(incident, *((end.end, end.reason) if end else (IncidentEnd.WITHDRAWN, _AS_USUAL)), now)


def _same(sighted: SightedIncident, known: Sequence[Incident]) -> Incident | None:
    exact = next((one for one in known if one.since == sighted.since), None)
    last = max(sighted.days)
    overlapping = (one for one in known if one.is_open and one.since <= last and sighted.since <= one.last)
    return exact or next(overlapping, None)


def _new(finding: Finding, sighting: Sighting, sighted: SightedIncident, now: datetime) -> Incident:
    return Incident(
        id=incident_id(finding.policy, finding.group, sighted.since),
        policy=finding.policy,
        kind=finding.kind,
        policy_digest=finding.policy_digest,
        group=finding.group,
        owner=finding.owner,
        alert_id=alert_id(finding.policy, finding.group),
        since=sighted.since,
        currency=sighting.currency,
        days={},
        seen_at=now,
    )


def _seen(
    incident: Incident, finding: Finding, sighting: Sighting, sighted: SightedIncident, now: datetime
) -> Incident:
    """Days that were judged again replace those that were known; others stay, unless they lie outside by now."""
    until = sighted.until
    kept = {
        day: of
        for day, of in incident.days.items()
        if incident.currency == sighting.currency and day >= sighted.since and (until is None or day < until)
    }
    days = {**kept, **sighted.days}
    over = until is not None
    return replace(
        incident,
        owner=finding.owner,
        policy_digest=finding.policy_digest,
        since=sighted.since,
        currency=sighting.currency,
        days=dict(sorted(days.items())),
        until=until,
        end=IncidentEnd.RETURNED if over else None,
        ended_at=(incident.ended_at or now) if over else None,
        reason="",
    )


def _ended(incident: Incident, end: IncidentEnd, reason: str, now: datetime) -> Incident:
    return replace(incident, end=end, reason=reason, ended_at=now)


def level_accepted(incident: Incident, *, actor: str, reason: str, now: datetime) -> Incident:
    """Somebody says that the level is meant to stay."""
    return replace(_ended(incident, IncidentEnd.ACCEPTED, reason, now), actor=actor)
