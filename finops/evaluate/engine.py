"""Policies, one version of the lake, one moment -> every verdict. Pure: the same arguments give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from finops.evaluate.cache import EvaluationCache
from finops.evaluate.cases.case import Case, unknown
from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.cases.verdict_cache import CachedVerdict
from finops.evaluate.drivers import ChangeExplanation, explain_changes
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import Verdict
from finops.evaluate.judgement.lazy import LazyAmounts
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.policy_fault import PolicyFault, of_kind
from finops.model.data_version import DataVersion
from finops.model.evaluation import Evaluation, Excepted, Settings, Track
from finops.model.finding import Finding, State
from finops.model.incident import incident_key
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.ports.lake import LakeView


def evaluate(
    policies: Sequence[Policy],
    view: LakeView,
    *,
    as_of: datetime,
    freshness: Sequence[SourceFreshness],
    settings: Settings,
    cache: EvaluationCache | None = None,
    drivers: bool = True,
) -> Evaluation:
    """Findings and tracks in the order of policy name and group, and the cost lines.

    ``as_of`` is aware. ``freshness``: one for each configured source; rows of a source without one count, and nothing
    more is expected of it. ``cache``: of earlier evaluations of this lake; it saves reading, and changes no verdict.
    ``drivers``: whether findings that fire are explained, which reads single rows.
    """
    moment, cache = Moment(as_of, settings), cache or EvaluationCache()
    direct = [policy for policy in policies if not policy.spec.envelope.allocated]
    cases = list(build_cases(direct, view, moment, freshness, cache=cache.cases))
    if len(direct) < len(policies):
        others = [policy for policy in policies if policy.spec.envelope.allocated]
        own = cache.allocated_with(settings.rates.digest)
        cases += build_cases(others, view.allocated(), moment, freshness, cache=own)
        cases.sort(key=lambda case: case.policy.name)
    assert cache.series.marks is not None  # noqa: S101 - what was gathered has them
    judged = cache.verdicts.of(cases)
    verdicts = [one.verdict for one in judged]
    findings = findings_of(cases, verdicts, view, cache=cache, drivers=drivers)
    tracks = [_track(*one) for one in zip(findings, judged, (case.data for case in cases), strict=True)]
    return Evaluation(
        as_of,
        view.version,
        tuple(findings),
        tuple(track for track in tracks if track is not None),
        cache.totals.lines(view, cache.series.marks, moment, freshness, reads=cache.reads),
        {
            finding.anchor: tuple(source.source for source in case.data.sources)
            for finding, case in zip(findings, cases, strict=True)
        },
        tuple(excepted for case in cases for excepted in _excepted(case)),
        {
            incident_key(case.policy.name, case.data.group): verdict.sighting
            for case, verdict in zip(cases, verdicts, strict=True)
            if verdict.sighting is not None and verdict.state is not State.UNKNOWN
        },
    )


def findings_of(
    cases: Sequence[Case],
    verdicts: Sequence[Verdict],
    view: LakeView,
    *,
    cache: EvaluationCache | None = None,
    drivers: bool = True,
) -> list[Finding]:
    """One finding a case, in order; those that fire with what drove them, unless nobody asks for ``drivers``."""
    cache = cache or EvaluationCache()
    if drivers:
        drives = cache.changes.of(_driven(cases, verdicts, cache), lambda: _explained(cases, verdicts, view))
    else:
        drives = [ChangeExplanation()] * len(cases)
    return [_finding_or_fault(*one, view.version) for one in zip(cases, verdicts, drives, strict=True)]


def _explained(cases: Sequence[Case], verdicts: Sequence[Verdict], view: LakeView) -> list[ChangeExplanation]:
    """One a case, in order, each from the rows that its cost was counted from."""
    found: dict[int, ChangeExplanation] = {}
    for allocated in (False, True):
        places = [place for place, case in enumerate(cases) if case.rule.envelope.allocated is allocated]
        if places:
            own_view = view.allocated() if allocated else view
            asked = [cases[place] for place in places], [verdicts[place] for place in places]
            found |= zip(places, explain_changes(*asked, own_view), strict=True)
    return [found[place] for place in range(len(cases))]


def _finding_or_fault(case: Case, verdict: Verdict, explained: ChangeExplanation, version: DataVersion) -> Finding:
    try:
        with of_kind(case.policy.kind, "describe its measures"):
            return _finding(case, verdict, explained, version)
    except PolicyFault as fault:
        return _finding(case, unknown(case, fault.reason), ChangeExplanation(), version)


def _driven(cases: Sequence[Case], verdicts: Sequence[Verdict], cache: EvaluationCache) -> object:
    """All that drivers are found from: as long as it stays the same, no row has to be looked at again."""
    rates = cases[0].data.moment.settings.rates.digest if cases else ""
    firing = [
        (place, case.policy.digest, case.policy.name, case.data.group, verdict.compared, verdict.currency)
        for place, (case, verdict) in enumerate(zip(cases, verdicts, strict=True))
        if verdict.state is State.FIRING
    ]
    return cache.series.marks, cache.allocated.series.marks, rates, len(cases), firing


def _finding(case: Case, verdict: Verdict, explained: ChangeExplanation, version: DataVersion) -> Finding:
    policy, data = case.policy, case.data
    return Finding(
        policy=policy.name,
        kind=policy.kind,
        owner=policy.owner,
        description=policy.description,
        group=data.group,
        state=verdict.state,
        severity=verdict.severity,
        reason=verdict.reason,
        measure=verdict.measure,
        value=verdict.value,
        limit=verdict.limit,
        unit=verdict.unit,
        measures=verdict.measures,
        units={name: one.units[0] for name, one in case.rule.profile.measures.items() if name in verdict.measures},
        amount=verdict.amount,
        currency=verdict.currency,
        period=verdict.period,
        as_of=data.moment.as_of,
        complete_through=data.settled_through,
        data_version=version,
        policy_digest=policy.digest,
        for_evaluations=case.rule.envelope.for_evaluations,
        drivers=explained.drivers,
        change=explained.change,
        demand=verdict.demand,
        per=verdict.per,
        notes=(*verdict.notes, *explained.notes),
    )


def _excepted(case: Case) -> Iterator[Excepted]:
    """The exception of the case's group that lasts longest, if one holds."""
    data = case.data
    holding = [
        one for one in case.rule.envelope.exemptions if one.covers(data.group) and data.moment.today <= one.expires
    ]
    if holding:
        last = max(holding, key=lambda one: one.expires)
        yield Excepted(case.policy.name, data.group, last.reason, last.expires)


def _track(finding: Finding, judged: CachedVerdict, data: GroupData) -> Track | None:
    if not judged.drawn:
        judged.track, judged.drawn = _drawn(finding, judged.verdict, data), True
    return judged.track


def _drawn(finding: Finding, verdict: Verdict, data: GroupData) -> Track | None:
    """The period's days up to today, as far as data reach; None for a rule that sums no days, where a rate is missing,
    and where the kind fails to draw its lines: a chart is missing then, and no verdict."""
    try:
        with of_kind(finding.kind, "draw its lines"):
            return _track_of(finding, verdict, data)
    except PolicyFault:
        return None


def _track_of(finding: Finding, verdict: Verdict, data: GroupData) -> Track | None:
    if not verdict.amount and not verdict.due and not verdict.lines:
        return None
    days = _days(verdict.period, data.known_through)
    spent = LazyAmounts(lambda: data.by_day(days, verdict.currency))
    if not data.needs_no_rate(verdict.currency):
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
        due=_known(_line(verdict.due)),
        settled_through=data.settled_through,
        lines={name: _line(line) for name, line in verdict.lines.items()},
    )


def _known(line: tuple[Decimal | None, ...]) -> tuple[Decimal, ...]:
    """Without the days that nothing is said of."""
    return tuple(day for day in line if day is not None) if type(None) in set(map(type, line)) else line  # type: ignore[return-value] # none of them is None


def _line(line: Sequence[Decimal | None]) -> tuple[Decimal | None, ...]:
    """Raises ``TypeError`` where it holds anything else than finite numbers."""
    kinds = set(map(type, line))  # of a year of ten thousand groups: no loop of our own
    if not all(issubclass(kind, Decimal | None) for kind in kinds) or not all(
        map(Decimal.is_finite, filter(None, line))
    ):
        raise TypeError("a line of decimals")
    return tuple(line)


@lru_cache(maxsize=256)  # of every group the same few
def _days(period: Period, last: date) -> tuple[date, ...]:
    return tuple(day for day in period if day <= last)
