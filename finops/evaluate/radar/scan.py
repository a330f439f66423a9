"""The lake -> everything that outgrew its demand. Pure: the same arguments give the same radar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from finops.conditions import Condition
from finops.deferred import numpy as np
from finops.evaluate.cases.case import Case
from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.drivers import explain_changes
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import Needs, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.kinds.growth import Growth
from finops.evaluate.kinds.growth.options import GrowthOptions
from finops.evaluate.radar.hint import Hints
from finops.evaluate.radar.pair import (
    DAYS_IN_A_MONTH,
    RECENT_WEEKS,
    WINDOW_DAYS,
    PairNumbers,
    alone,
    amount_of,
    pair_numbers,
)
from finops.evaluate.radar.policy_text import policy_text
from finops.evaluate.radar.relation import FEWEST_WEEKS, Relations, rivals
from finops.evaluate.statistics.weeks import WEEK
from finops.evaluate.windows.settled_window import SettledWindow
from finops.model.cost_question import DEFAULT_COST
from finops.model.evaluation import Settings
from finops.model.finding import Severity, State
from finops.model.period import Period, month_start
from finops.model.policy import Policy
from finops.model.radar import Level, Outcome, Radar, RadarGroup, RadarPair, Unjudged
from finops.model.source_freshness import SourceFreshness
from finops.policy.envelope import Envelope
from finops.ports.lake import LakeView

FALSE_DISCOVERY_RATE = 0.10
HISTORY_WEEKS = 52
SMALLEST_SHARE = Decimal("0.0001")
"""Of the cost of a team (or of another dimension's value): what is smaller is not judged, and would only cost larger
groups certainty. Of a team's own cost, or its readers would learn what others spend."""

MOST_EXPLAINED = 200
"""Groups whose cost drivers are looked for: those with the most money."""

_NEAR = timedelta(days=90)
_DAY = timedelta(days=1)
_RECENT_DAYS = RECENT_WEEKS * WEEK


@dataclass(frozen=True, slots=True)
class _AgainstEverySeries(Growth):
    """A Growth rule that reads all series, and more of the past."""

    series: tuple[str, ...] = ()

    def needs(self, moment: Moment) -> Needs:
        window = SettledWindow(WINDOW_DAYS + HISTORY_WEEKS * WEEK).needed(moment)
        return Needs(window, self.series, counted=SettledWindow(2 * WINDOW_DAYS).needed(moment))


@dataclass(slots=True)
class _Judged:
    """One group. ``numbers``: by series, ``""`` for its cost alone."""

    case: Case
    cost: Decimal
    numbers: dict[str, PairNumbers] = field(default_factory=dict)
    relation: dict[str, float] = field(default_factory=dict)


def levels_of(dimensions: Sequence[str]) -> list[tuple[str, ...]]:
    """Service by owner, the first dimension, then each other dimension with its services, then each alone. Where no
    dimension is configured, the account stands for the owner."""
    owners = tuple(dimensions) or ("SubAccountId",)
    return [*((owner, "ServiceName") for owner in owners), *((owner,) for owner in owners)]


def ahead_of(today: date, fiscal_year_starts: int) -> date:
    """The last day of the half of the fiscal year that ends in three months or later."""
    end = date(today.year, fiscal_year_starts, 1)
    ends = sorted(month_start(end, 6 * half) for half in range(-2, 5))
    return next(one for one in ends if one - today >= _NEAR) - _DAY


def scan(
    view: LakeView,
    *,
    as_of: datetime,
    freshness: Sequence[SourceFreshness],
    settings: Settings,
    series: Sequence[str],
    condition: Condition,
    drivers: bool = True,
) -> Radar:
    """``series``: names of the demand series. ``condition``: the costs that count. ``as_of`` is aware.

    Within the radar of one moment the expected share of false discoveries is at most ``FALSE_DISCOVERY_RATE``
    (Benjamini and Hochberg, JRSS B 57, 1995), once for all pairs and once for all costs alone.
    """
    moment = Moment(as_of, settings)
    hints = Hints(view, series, settings.demand_units)
    ahead_to = ahead_of(moment.today, settings.fiscal_year_starts)
    unjudged: list[Unjudged] = []
    judged: list[tuple[tuple[str, ...], _Judged]] = []
    costs: dict[tuple[str, ...], tuple[int, Decimal | None]] = {}
    histories: dict[date, Relations] = {}
    for columns in levels_of(settings.dimensions):
        cases = list(build_cases([_policy(columns, condition, series)], view, moment, freshness))
        cases = [case for case in cases if case.data.group]
        recent = [_recent_cost(case.data, settings.currency) for case in cases]
        known = [cost for cost in recent if cost is not None]
        costs[columns] = len(cases), sum(known, Decimal(0)) if len(known) == len(cases) else None
        totals: dict[str, Decimal] = {}
        for case, cost in zip(cases, recent, strict=True):
            value = case.data.group[columns[0]]
            totals[value] = totals.get(value, Decimal(0)) + (cost or 0)
        found = [
            _judge(case, cost, totals[case.data.group[columns[0]]], histories, unjudged)
            for case, cost in zip(cases, recent, strict=True)
        ]
        judged += [(columns, one) for one in found if one is not None]
    against = discoveries([pair.p for _, one in judged for name, pair in one.numbers.items() if name])
    by_itself = discoveries([pair.p for _, one in judged for name, pair in one.numbers.items() if not name])
    groups: list[tuple[_Judged, RadarGroup]] = []
    pairs_of = dict.fromkeys(costs, 0)
    in_step = dict.fromkeys(costs, 0)
    for columns, one in judged:
        pairs_of[columns] += sum(1 for name in one.numbers if name)
        pairs = tuple(_pair(name, one, against if name else by_itself) for name in one.numbers)
        group = _group(one, pairs, hints, (ahead_to - moment.today).days)
        if group is not None:
            groups.append((one, group))
        elif gap := one.case.data.gap(moment.today + _DAY):
            unjudged.append(Unjudged(one.case.data.group, "", "bills are missing", gap, one.cost))
        else:
            in_step[columns] += 1
    groups.sort(key=lambda pair: (-pair[1].lead.per_month, sorted(pair[1].group.items())))
    found_groups = [group for _, group in groups]
    if drivers:
        found_groups = _with_drivers(groups[:MOST_EXPLAINED], view) + found_groups[MOST_EXPLAINED:]
    last = max((one.case.data.settled_through or moment.today for _, one in judged), default=moment.today)
    return Radar(
        as_of=as_of,
        currency=settings.currency,
        window=Period(last - (WINDOW_DAYS - 1) * _DAY, last + _DAY),
        ahead_to=ahead_to,
        series=tuple(sorted(series)),
        levels=tuple(
            Level(columns, groups, pairs_of[columns], in_step[columns], cost)
            for columns, (groups, cost) in costs.items()
        ),
        found=tuple(found_groups),
        unjudged=tuple(unjudged),
    )


def discoveries(chances: Sequence[float], rate: float = FALSE_DISCOVERY_RATE) -> float:
    """The largest p-value that is a discovery, negative where none is."""
    ordered = sorted(chances)
    below = [p for rank, p in enumerate(ordered, start=1) if p <= rate * rank / len(ordered)]
    return max(below, default=-1.0)


def _policy(columns: tuple[str, ...], condition: Condition, series: Sequence[str]) -> Policy:
    envelope = Envelope(condition, DEFAULT_COST, columns, None, 1, (), ())
    rule = _AgainstEverySeries(envelope, GrowthOptions.model_construct(), tuple(sorted(series)))
    return Policy("radar", "Growth", "", "", rule, "", "", 0, "")


def _judge(
    case: Case, cost: Decimal | None, total: Decimal, histories: dict[date, Relations], unjudged: list[Unjudged]
) -> _Judged | None:
    """None, and a reason in ``unjudged``, where nothing can be said of the group. ``histories``: by their end."""
    data = case.data
    if case.fault or cost is None:
        unjudged.append(Unjudged(data.group, "", "amounts are missing", case.fault or _no_rate(data), cost))
        return None
    if cost <= 0 or cost < total * SMALLEST_SHARE:
        if cost > 0:
            unjudged.append(
                Unjudged(
                    data.group,
                    "",
                    "too small",
                    f"less than {SMALLEST_SHARE:.2%} of the cost of its {next(iter(data.group))}",
                    cost,
                )
            )
        return None
    currency = data.moment.settings.currency
    judged = _Judged(case, cost)
    try:
        # every series asks for the same days: they are converted once
        data = replace(data, daily={day: {currency: data.converted(day, currency)} for day in data.daily})
        judged.relation = _relations(data, cost, histories, unjudged)
        for name in judged.relation:
            try:
                judged.numbers[name] = pair_numbers(data, name, currency, worth_asking=FALSE_DISCOVERY_RATE)
            except Unknowable as error:
                unjudged.append(Unjudged(data.group, name, "days are missing", error.reason, cost))
        if not judged.relation:
            judged.numbers[""] = pair_numbers(alone(data), "", currency, worth_asking=FALSE_DISCOVERY_RATE)
    except Unknowable as error:
        unjudged.append(Unjudged(data.group, "", _why(data), error.reason, cost))
        return None
    return judged if judged.numbers else None


def _relations(
    data: GroupData, cost: Decimal, histories: dict[date, Relations], unjudged: list[Unjudged]
) -> dict[str, float]:
    window = SettledWindow(WINDOW_DAYS).of(data)
    if window.start not in histories:
        histories[window.start] = Relations(window.start - _DAY, HISTORY_WEEKS)
    history, currency = histories[window.start], data.moment.settings.currency
    weekly = history.weekly(np.array([float(data.converted(day, currency)) for day in history.days]))
    if int(np.isfinite(weekly).sum()) < FEWEST_WEEKS:
        raise Unknowable(
            f"too short a history: {int(np.isfinite(weekly).sum())} weeks with a cost before {window.start}, "
            f"{FEWEST_WEEKS} are needed"
        )
    found = {name: history.of(weekly, days) for name, days in data.demand.items() if days}
    for name, relation in found.items():
        if relation is None:
            detail = f"fewer than {FEWEST_WEEKS} weeks before {window.start} have a cost and a demand"
            unjudged.append(Unjudged(data.group, name, "demand is missing", detail, cost))
    return rivals(found)


def _why(data: GroupData) -> str:
    first = min(data.daily, default=None)
    settled = data.settled_through
    if first is None or settled is None:
        return "bills are missing"
    return "too short a history" if first > settled - (2 * WINDOW_DAYS + 1) * _DAY else "days are missing"


def _recent_cost(data: GroupData, currency: str) -> Decimal | None:
    """A month at the rate of the last settled weeks; None where a rate is missing."""
    last = data.settled_through or data.moment.last_day_due
    period = Period(last - (_RECENT_DAYS - 1) * _DAY, last + _DAY)
    try:
        return amount_of(float(data.spent(period, last, currency)) / _RECENT_DAYS, DAYS_IN_A_MONTH)
    except Unknowable:
        return None


def _no_rate(data: GroupData) -> str:
    try:
        data.by_day(sorted(data.daily), data.moment.settings.currency)
    except Unknowable as error:
        return error.reason
    return "an exchange rate is missing"


def _pair(name: str, judged: _Judged, limit: float) -> RadarPair:
    numbers = judged.numbers[name]
    interval = numbers.interval
    return RadarPair(
        demand=name,
        cost_growth=numbers.cost_growth,
        demand_growth=numbers.demand_growth,
        p=numbers.p,
        found=numbers.p <= limit,
        relation=judged.relation.get(name, 0.0),
        per_month=amount_of(numbers.per_day, DAYS_IN_A_MONTH),
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        since=numbers.since,
    )


def _group(judged: _Judged, pairs: tuple[RadarPair, ...], hints: Hints, days_ahead: int) -> RadarGroup | None:
    """None where the group outgrew nothing. The amounts are those of the series that explains the most."""
    found = [place for place, pair in enumerate(pairs) if pair.found]
    if not found:
        return None
    data = judged.case.data
    leading = min(found, key=lambda place: (pairs[place].per_month, pairs[place].demand))
    if not pairs[leading].demand:
        outcome = Outcome.GROWING
    else:
        outcome = Outcome.BEYOND if len(found) == len(pairs) else Outcome.EXPLAINED
    lead = pairs[leading]
    assert data.settled_through is not None  # noqa: S101 - windows were found
    return RadarGroup(
        group=data.group,
        outcome=outcome,
        pairs=pairs,
        leading=leading,
        cost=judged.cost,
        ahead=amount_of(judged.numbers[lead.demand].per_day, days_ahead),
        settled_through=data.settled_through,
        hint=hints.of(data) if outcome is Outcome.GROWING else "",
        policy=policy_text(data, lead, judged.case.rule.envelope.condition) if lead.demand else "",
    )


def _with_drivers(groups: Sequence[tuple[_Judged, RadarGroup]], view: LakeView) -> list[RadarGroup]:
    cases = [judged.case for judged, _ in groups]
    verdicts = [_verdict(judged, group) for judged, group in groups]
    explained = explain_changes(cases, verdicts, view)
    return [
        replace(group, drivers=tuple(driver for driver in one.drivers if driver.by not in group.group))
        for (_, group), one in zip(groups, explained, strict=True)
    ]


def _verdict(judged: _Judged, group: RadarGroup) -> Verdict:
    """As a Growth policy of the leading series would say it: drivers are found from a verdict."""
    data, numbers = judged.case.data, judged.numbers[group.lead.demand]
    return Verdict(
        state=State.FIRING,
        severity=Severity.INFO,
        reason="",
        measure="excess_growth",
        value=group.lead.excess,
        limit=None,
        currency=data.moment.settings.currency,
        period=SettledWindow(WINDOW_DAYS).of(data),
        demand=group.lead.demand,
        compared=numbers.compared,
    )
