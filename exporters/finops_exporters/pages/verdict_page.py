"""The page of one policy and group: what it says, its drawings, its cost drivers, and what it said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from finops.model.alert import alert_id
from finops.model.cost_links import costs_behind
from finops.model.policy import WrittenPolicy
from finops.model.verdict_day import VerdictDay
from finops_exporters import words
from finops_exporters.advice import advice_of
from finops_exporters.changed import Changed, changed_of
from finops_exporters.figures import Figure, figures_of, measured
from finops_exporters.pages.drawings import Drawing, drawings_of
from finops_exporters.pages.known_alerts import Known
from finops_exporters.pages.snapshot_index import SnapshotIndex, Verdict
from finops_exporters.reason import reason_of


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the history. ``at`` counts from the left of the strip."""

    at: int
    day: str
    iso: str
    tone: str
    state: str
    value: str
    reason: str
    then: bool


@dataclass(frozen=True, slots=True)
class PolicyText:
    name: str
    digest: str
    place: str
    text: str
    tests: str


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """Texts, but for ``drawings``, whose pictures have addresses of their own below ``charts``."""

    name: str
    group: Sequence[tuple[str, str]]
    title: str
    kind: str
    question: str
    owner: str
    description: str
    tone: str
    state: str
    reason: str
    period: str
    complete_through: str
    complete_age: str
    sources: str
    figures: Sequence[Figure]
    used_share: float | None
    due_share: float | None
    charts: str
    drawings: Sequence[Drawing]
    changed: Changed | None
    costs: str
    advice: Sequence[str]
    notes: Sequence[str]
    alert: str
    known: str
    days: Sequence[Day]
    finding: str
    policy: PolicyText | None
    siblings: str
    checked: str


def verdict_page(index: SnapshotIndex, verdict: Verdict, days: Sequence[VerdictDay], known: Known) -> VerdictPage:
    finding = verdict.finding
    settled = finding.complete_through
    policy = index.policies.get(finding.policy)
    used, due, limit = finding.measures.get("spent"), finding.amount.get("due"), finding.amount.get("limit")
    profile = verdict.profile
    is_budget = profile.against_limit
    return VerdictPage(
        name=words.shown(finding.policy),
        group=verdict.group,
        title=verdict.title,
        kind=profile.title,
        question=profile.question,
        owner=words.shown(finding.owner),
        description=words.shown(finding.description, 600),
        tone=verdict.tone,
        state=verdict.state,
        reason=reason_of(finding, profile),
        period=words.period(finding.period),
        complete_through=words.day(settled) if settled else "",
        complete_age=words.age(settled, index.today) if settled else "",
        sources=words.listed([words.shown(source) for source in verdict.sources]) if verdict.sources else "",
        figures=figures_of(finding, profile),
        used_share=max(used * 100, 0.0) if is_budget and used is not None else None,
        due_share=float(due.amount / limit.amount) * 100 if is_budget and due and limit and limit.amount > 0 else None,
        charts=f"/charts/{verdict.place}",
        drawings=drawings_of(verdict, index.today),
        changed=changed_of(finding, policy),
        costs=costs_behind(finding, policy),
        advice=advice_of(finding, profile, policy),
        notes=[words.sentence(note, finding) for note in finding.notes],
        alert=f"/alerts/{alert_id(finding.policy, finding.group)}",
        known=known.get(verdict.place, ""),
        days=[_day(verdict, at, day) for at, day in enumerate(days)],
        finding=finding.id,
        policy=policy_text(policy) if policy else None,
        siblings=f"/policies?text={quote(finding.policy, safe='')}" if finding.group else "",
        checked=words.minute(finding.as_of),
    )


def policy_text(policy: WrittenPolicy) -> PolicyText:
    return PolicyText(
        policy.name,
        policy.digest,
        f"{words.file(policy.file)}, line {policy.line}",
        policy.text.strip("\n"),
        f"/policies/{quote(policy.name, safe='')}/tests",
    )


def _day(verdict: Verdict, at: int, day: VerdictDay) -> Day:
    tone = day.severity.value if day.severity else ("warning" if day.state == "firing" else day.state.value)
    shown = (
        f"{day.measure.replace('_', ' ')} {measured(verdict.finding, verdict.profile, day.measure, day.value)}"
        if day.measure
        else ""
    )
    return Day(
        at,
        words.day(day.day),
        day.day.isoformat(),
        tone,
        words.TONES[tone],
        shown,
        words.sentence(day.reason, verdict.finding),
        day.then,
    )
