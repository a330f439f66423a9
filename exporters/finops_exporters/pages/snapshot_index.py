"""A snapshot, indexed as pages ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from finops.model.evaluation import Track
from finops.model.finding import Finding
from finops.model.kind_profile import KindProfile, Profiles
from finops.model.policy import WrittenPolicy
from finops.model.snapshot import Snapshot
from finops_exporters import words

TONES = ("critical", "warning", "info", "unknown", "ok")
"""The most urgent first; classes of the style sheet."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding with the days behind it and the sources of its rows. ``place`` names it in addresses."""

    finding: Finding
    track: Track | None
    sources: tuple[str, ...]
    place: str
    tone: str
    profile: KindProfile
    policy: WrittenPolicy | None = None

    @property
    def state(self) -> str:
        """``Critical``, ``On track`` …"""
        return words.state(self.finding)

    @property
    def group(self) -> Sequence[tuple[str, str]]:
        return [(words.shown(key), words.shown(value)) for key, value in sorted(self.finding.group.items())]

    @property
    def title(self) -> str:
        return " · ".join((words.shown(self.finding.policy), *(f"{key} {value}" for key, value in self.group)))


@dataclass(frozen=True, slots=True)
class SnapshotIndex:
    """``verdicts``: the most urgent first. ``today``: the snapshot's day."""

    snapshot: Snapshot
    today: date
    verdicts: tuple[Verdict, ...]
    by_place: Mapping[str, Verdict]
    by_policy: Mapping[str, tuple[Verdict, ...]]
    policies: Mapping[str, WrittenPolicy]
    profiles: Profiles

    @classmethod
    def of(cls, snapshot: Snapshot, profiles: Profiles) -> SnapshotIndex:
        tracks = {(track.policy, track.group): track for track in snapshot.tracks}
        policies = {policy.name: policy for policy in snapshot.policies}
        verdicts = []
        for finding in snapshot.findings:
            place = finding.anchor
            track = tracks.get((finding.policy, finding.group_label))
            verdicts.append(
                Verdict(
                    finding,
                    track,
                    snapshot.sources.get(place, ()),
                    place,
                    words.tone(finding),
                    profiles.of(finding.kind),
                    policies.get(finding.policy),
                )
            )
        verdicts.sort(key=_urgency)
        by_policy: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            by_policy.setdefault(verdict.finding.policy, []).append(verdict)
        return cls(
            snapshot=snapshot,
            today=snapshot.as_of.astimezone(ZoneInfo(snapshot.timezone)).date(),
            verdicts=tuple(verdicts),
            by_place={verdict.place: verdict for verdict in verdicts},
            by_policy={name: tuple(own) for name, own in by_policy.items()},
            policies=policies,
            profiles=profiles,
        )

    def find(self, policy: str, group: str) -> Verdict | None:
        """``group``: its label, or the place of the verdict."""
        for verdict in self.by_policy.get(policy, ()):
            if group in {verdict.finding.group_label, verdict.place}:
                return verdict
        return None


def _urgency(verdict: Verdict) -> tuple[int, bool, float, str, str]:
    """Firing first, the worst of them first, budgets before others; then what cannot be judged; then what is well."""
    finding = verdict.finding
    used = finding.measures.get("pace") or finding.measures.get("spent") or 0.0
    return TONES.index(verdict.tone), not verdict.profile.against_limit, -used, finding.policy, finding.group_label
