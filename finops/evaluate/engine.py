"""Policies, one version of the lake, one moment -> every verdict. Pure: the same arguments give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache

from finops.evaluate.drivers import Drive, drive
from finops.evaluate.facts import Facts
from finops.evaluate.gathering import Case, gather
from finops.evaluate.judged import Judged
from finops.evaluate.lines import Amounts
from finops.evaluate.matching import Memory
from finops.evaluate.moment import Moment
from finops.evaluate.rule import Verdict
from finops.evaluate.unknowable import Unknowable
from finops.model.data_version import DataVersion
from finops.model.evaluation import Evaluation, Excepted, Settings, Track
from finops.model.finding import Finding, State
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.standing import SourceFreshness
from finops.ports.lake import LakeView


def evaluate(
    policies: Sequence[Policy],
    view: LakeView,
    *,
    as_of: datetime,
    standings: Sequence[SourceFreshness],
    settings: Settings,
    memory: Memory | None = None,
) -> Evaluation:
    """Findings and tracks in the order of policy name and group, and the cost lines.

    ``as_of`` is aware. ``standings``: one for each configured source; rows of a source without one count, and nothing
    more is expected of it. ``memory``: of earlier evaluations of this lake; it saves reading, and changes no verdict.
    """
    moment, memory = Moment(as_of, settings), memory or Memory()
    cases = list(gather(policies, view, moment, standings, memory=memory))
    assert memory.marks is not None  # noqa: S101 - what was gathered has them
    judged = memory.verdicts.of(cases)
    findings = findings_of(cases, [one.verdict for one in judged], view, memory=memory)
    tracks = [_track(*one) for one in zip(findings, judged, (case.facts for case in cases), strict=True)]
    return Evaluation(
        as_of,
        view.version,
        tuple(findings),
        tuple(track for track in tracks if track is not None),
        memory.costs.lines(view, memory.marks, moment, standings, reads=memory.reads),
        {
            finding.anchor: tuple(source.source for source in case.facts.sources)
            for finding, case in zip(findings, cases, strict=True)
        },
        tuple(excepted for case in cases for excepted in _excepted(case)),
    )


def findings_of(
    cases: Sequence[Case], verdicts: Sequence[Verdict], view: LakeView, *, memory: Memory | None = None
) -> list[Finding]:
    """One finding a case, in order; those that fire with what drove them."""
    memory = memory or Memory()
    drives = memory.drives.of(_driven(cases, verdicts, memory), lambda: drive(cases, verdicts, view))
    return [_finding(*one, view.version) for one in zip(cases, verdicts, drives, strict=True)]


def _driven(cases: Sequence[Case], verdicts: Sequence[Verdict], memory: Memory) -> object:
    """All that drivers are found from: as long as it stays the same, no row has to be looked at again."""
    rates = cases[0].facts.moment.settings.rates.digest if cases else ""
    firing = [
        (place, case.policy.digest, case.policy.name, case.facts.group, verdict.compared, verdict.currency)
        for place, (case, verdict) in enumerate(zip(cases, verdicts, strict=True))
        if verdict.state is State.FIRING
    ]
    return memory.marks, rates, len(cases), firing


def _finding(case: Case, verdict: Verdict, drive: Drive, version: DataVersion) -> Finding:
    policy, facts = case.policy, case.facts
    return Finding(
        policy=policy.name,
        kind=policy.kind,
        owner=policy.owner,
        description=policy.description,
        group=facts.group,
        state=verdict.state,
        severity=verdict.severity,
        reason=verdict.reason,
        measure=verdict.measure,
        value=verdict.value,
        limit=verdict.limit,
        measures=verdict.measures,
        amount=verdict.amount,
        currency=verdict.currency,
        period=verdict.period,
        as_of=facts.moment.as_of,
        complete_through=facts.settled_through,
        data_version=version,
        policy_digest=policy.digest,
        for_evaluations=case.rule.envelope.for_evaluations,
        drivers=drive.drivers,
        change=drive.change,
        demand=verdict.demand,
        notes=(*verdict.notes, *drive.notes),
    )


def _excepted(case: Case) -> Iterator[Excepted]:
    """The exception of the case's group that lasts longest, if one holds."""
    facts = case.facts
    holding = [
        one for one in case.rule.envelope.exemptions if one.covers(facts.group) and facts.moment.today <= one.expires
    ]
    if holding:
        last = max(holding, key=lambda one: one.expires)
        yield Excepted(case.policy.name, facts.group, last.reason, last.expires)


def _track(finding: Finding, judged: Judged, facts: Facts) -> Track | None:
    if not judged.drawn:
        judged.track, judged.drawn = _drawn(finding, judged.verdict, facts), True
    return judged.track


def _drawn(finding: Finding, verdict: Verdict, facts: Facts) -> Track | None:
    """The period's days up to today; None for a rule that sums no days, and where a rate is missing."""
    if not verdict.amount and not verdict.due and not verdict.lines:
        return None
    days = _days(verdict.period, facts.moment.today)
    spent = Amounts(lambda: [facts.converted(day, verdict.currency) for day in days])
    if not facts.needs_no_rate(verdict.currency):
        try:
            spent.make()
        except Unknowable:
            return None
    return Track(
        policy=finding.policy,
        group=finding.group_label,
        period=verdict.period,
        currency=verdict.currency,
        days=days,
        spent=spent,
        due=verdict.due,
        settled_through=facts.settled_through,
        lines=dict(verdict.lines),
    )


@lru_cache(maxsize=256)  # of every group the same few
def _days(period: Period, today: date) -> tuple[date, ...]:
    return tuple(day for day in period if day <= today)
