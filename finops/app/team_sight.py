"""Which findings, policies and alerts a viewer of some teams may see."""

from __future__ import annotations

from dataclasses import dataclass, field

from cachetools import LRUCache

from finops.app.policies.policy_files import PolicyFiles
from finops.model.finding import Finding
from finops.model.incident import Incident
from finops.model.kind_profile import Profiles
from finops.model.snapshot import Snapshot
from finops.model.team_scope import TeamScope

_MOST_POLICIES = 20_000


@dataclass(frozen=True, slots=True)
class TeamSight:
    """A finding is visible where its group is a team's, or where its policy's scope provably holds no row of others.
    What cannot be proven is hidden: a policy that has changed since, a kind that looks beyond its rows."""

    scope: TeamScope
    policies: PolicyFiles
    profiles: Profiles
    _confined: LRUCache[tuple[str, str], bool] = field(default_factory=lambda: LRUCache(_MOST_POLICIES), repr=False)

    def sees(self, finding: Finding | Incident) -> bool:
        if not self.profiles.of(finding.kind).only_its_rows:
            return False
        return self.scope.holds_group(finding.group) or self.sees_policy(finding.policy, finding.policy_digest)

    def sees_policy(self, name: str, digest: str) -> bool:
        """Whether its text is about these teams alone."""
        known = self._confined.get((name, digest))
        if known is None:
            policy = next((one for one in self.policies.load_each().policies if one.name == name), None)
            if policy is None or policy.digest != digest:
                return False
            condition = policy.spec.envelope.condition
            known = condition is not None and condition.confines(self.scope.dimension, self.scope.teams)
            self._confined[name, digest] = known
        return known

    def of(self, snapshot: Snapshot) -> Snapshot:
        """What of a snapshot is theirs. Taken over part by part: what a later version adds stays away until it is added
        here. Metrics are nobody's alone."""
        findings = tuple(finding for finding in snapshot.findings if self.sees(finding))
        named = {(finding.policy, finding.group_label) for finding in findings}
        places = {finding.anchor for finding in findings}
        return Snapshot(
            as_of=snapshot.as_of,
            evaluated_seconds=snapshot.evaluated_seconds,
            data_version=snapshot.data_version,
            timezone=snapshot.timezone,
            findings=findings,
            tracks=tuple(track for track in snapshot.tracks if (track.policy, track.group) in named),
            families=(),
            folded={},
            sources={place: names for place, names in snapshot.sources.items() if place in places},
            policies=tuple(one for one in snapshot.policies if self.sees_policy(one.name, one.digest)),
            radar=snapshot.radar.only(self.scope.holds_group, self.scope.dimension) if snapshot.radar else None,
        )
