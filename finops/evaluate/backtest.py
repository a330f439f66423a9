"""When policies would have fired: verdicts day by day, and the episodes that they make. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice

from finops.evaluate.cases.case import Case, judge_cases
from finops.evaluate.cases.case_builder import build_cases_at
from finops.evaluate.judgement.kind import Verdict
from finops.evaluate.judgement.moment import Moment
from finops.model.finding import Group, Severity, State, place_of
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.model.verdict_day import Episode, VerdictDay
from finops.ports.lake import LakeView

OF_ARRIVAL = frozenset({"age"})
"""Measures of when data arrived: final data does not remember it."""

DAYS_TOGETHER = 14
"""Days are judged so many at once: a day's past is mostly the next day's too, and is looked at once for both."""

_NEVER = datetime.min.replace(tzinfo=UTC)
NOT_REMEMBERED = "the arrival of data is known only for days that the lake still holds"


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """One group's verdict at the end of one day. ``then``: from what was known that day; else from final data."""

    day: date
    state: State
    severity: Severity | None
    reason: str
    value: float | None
    then: bool
    measure: str = ""
    limit: float | None = None
    as_of: datetime = _NEVER
    measures: Mapping[str, float] = field(default_factory=dict)
    """Every number that could be computed, as a finding has them."""


@dataclass(frozen=True, slots=True)
class GroupDays:
    """One group of one policy, day by day; days on which the group was not there are left out."""

    policy: Policy
    group: Group
    days: tuple[DayVerdict, ...]

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """As alerts would go, with one evaluation a day: ``for`` verdicts that fire start one, ok ends it, and unknown
        changes nothing (see ``finops.alert.decide``)."""
        found: list[Episode] = []
        fired: list[DayVerdict] = []
        needed = self.policy.spec.envelope.for_evaluations
        for verdict in self.days:
            if verdict.state is State.FIRING:
                fired.append(verdict)
            elif verdict.state is State.OK:
                found += _episode(fired, needed, verdict.day)
                fired = []
        return (*found, *_episode(fired, needed, None))

    @property
    def history(self) -> list[VerdictDay]:
        """The days as the page of a verdict shows them."""
        place = place_of(self.policy.name, self.group)
        return [
            VerdictDay(
                place=place,
                day=verdict.day,
                as_of=verdict.as_of,
                state=verdict.state,
                severity=verdict.severity,
                measure=verdict.measure,
                value=verdict.value,
                limit=verdict.limit,
                reason=verdict.reason,
                then=verdict.then,
            )
            for verdict in self.days
        ]


def judge_days(
    policies: Sequence[Policy],
    view: LakeView,
    moments: Sequence[tuple[Moment, Sequence[SourceFreshness]]],
    *,
    then: bool,
) -> Iterator[list[tuple[str, Group, DayVerdict]]]:
    """For each moment (policy's name, group, verdict), in the order of policies and groups.

    ``then``: whether ``view`` is what was known at the moments.
    """
    by_day = _cases_at(policies, view, moments)
    while together := list(islice(by_day, DAYS_TOGETHER)):
        known = [case for cases in together for case in cases if then or not _of_arrival(case)]
        verdicts = iter(judge_cases(known))
        for cases in together:
            yield [
                (
                    case.policy.name,
                    case.data.group,
                    _said(case, next(verdicts), then=then) if then or not _of_arrival(case) else _not_said(case),
                )
                for case in cases
            ]


def _cases_at(
    policies: Sequence[Policy], view: LakeView, moments: Sequence[tuple[Moment, Sequence[SourceFreshness]]]
) -> Iterator[list[Case]]:
    """Each policy over the cost that it counts, in the order of policies and groups."""
    direct = [policy for policy in policies if not policy.spec.envelope.allocated]
    if len(direct) == len(policies):
        yield from build_cases_at(policies, view, moments)
        return
    others = [policy for policy in policies if policy.spec.envelope.allocated]
    parts = [build_cases_at(direct, view, moments), build_cases_at(others, view.allocated(), moments)]
    for together in zip(*parts, strict=True):
        yield sorted((case for part in together for case in part), key=lambda case: case.policy.name)


def _of_arrival(case: Case) -> bool:
    return {alert.measure for alert in case.rule.envelope.alerts} <= OF_ARRIVAL


def _said(case: Case, verdict: Verdict, *, then: bool) -> DayVerdict:
    day = case.data.moment.today
    return DayVerdict(
        day,
        verdict.state,
        verdict.severity,
        verdict.reason,
        verdict.value,
        then,
        verdict.measure,
        verdict.limit,
        case.data.moment.as_of,
        verdict.measures,
    )


def _not_said(case: Case) -> DayVerdict:
    moment = case.data.moment
    return DayVerdict(moment.today, State.UNKNOWN, None, NOT_REMEMBERED, None, then=False, as_of=moment.as_of)


def _episode(fired: Sequence[DayVerdict], needed: int, resolved: date | None) -> list[Episode]:
    if len(fired) < needed:
        return []
    severities = [verdict.severity for verdict in fired if verdict.severity is not None]
    loudest = max(severities, key=lambda severity: severity.rank)
    return [Episode(fired[needed - 1].day, resolved, loudest, len(fired), fired[0].reason)]
