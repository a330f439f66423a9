"""Policies and the lake -> the data of every (policy, group)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from finops.conditions import Condition
from finops.evaluate.aggregation.frames import frames_of
from finops.evaluate.cases.agreements import Agreements
from finops.evaluate.cases.allocation import unknown_shares
from finops.evaluate.cases.case import Case
from finops.evaluate.cases.demand import Demand, read_demand
from finops.evaluate.cases.emissions import EmissionHistory, Emissions
from finops.evaluate.cases.late_parts import LateInScope, LateParts
from finops.evaluate.cases.unknown_costs import Unknown, UnknownCosts
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import AnyKind, Needs, checked_needs
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.policy_fault import FAULTS, PolicyFault, kind_fault, of_kind
from finops.evaluate.selection import SeriesRequest
from finops.evaluate.series.daily_sums import Daily, DailySums, added
from finops.evaluate.series.groups import GroupKey
from finops.evaluate.series.rollup_cache import MOST_ROWS
from finops.evaluate.series.series_by_day import series_by_day
from finops.evaluate.series.series_query import GroupSeries, SeriesByPolicy, SeriesCache
from finops.memo import Memo
from finops.model.money import EXACT
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.ports.allocated import Allocated
from finops.ports.lake import LakeView

YOUNG = timedelta(days=28)
"""A group without a row before so many days ago has no past to be judged by."""


class CaseCache:
    """What evaluations of one lake have read so far. Not thread-safe."""

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self.series = SeriesCache(most_rows=most_rows)
        self.sources: Memo[frozenset[str]] = Memo()
        """Those with a row in the lake."""
        self.unknown_costs: Memo[UnknownCosts] = Memo()
        """Rows without a value in the cost column that a policy sums."""


def build_cases(
    policies: Sequence[Policy],
    view: LakeView,
    moment: Moment,
    freshness: Sequence[SourceFreshness],
    *,
    cache: CaseCache | None = None,
) -> Iterator[Case]:
    """Every group of every policy, ordered by policy and group.

    A policy without ``group_by`` has one group, always. With it, groups that had no row for a year are forgotten; one
    whose scope matches nothing at all has the one group ``{}``, to say so.
    """
    cache = cache or CaseCache()
    builder = _CaseBuilder(policies, view, cache)
    yield from builder.cases(moment, freshness, builder.series(moment, cache.series))


def build_cases_at(
    policies: Sequence[Policy], view: LakeView, moments: Sequence[tuple[Moment, Sequence[SourceFreshness]]]
) -> Iterator[list[Case]]:
    """The cases of ``build_cases`` at each of the moments, in order; the rollup is read once for all of them.

    Policies that need single rows (see ``finops.evaluate.series.series_query``) are queried again at each moment.
    """
    builder = _CaseBuilder(policies, view, CaseCache())
    series_on = builder.series_on([moment for moment, _ in moments])
    for moment, freshness in moments:
        yield list(builder.cases(moment, freshness, series_on(moment.today)))


class _CaseBuilder:
    """What is asked of one view, whatever the moment."""

    def __init__(self, policies: Sequence[Policy], view: LakeView, cache: CaseCache) -> None:
        self._policies = sorted(policies, key=lambda policy: policy.name)
        self._view = view
        self._frames = frames_of(view)
        self._with_rows = cache.sources.of(view.version, lambda: _sources_with_rows(view))
        self._demand: Demand | None = None
        self._emissions = EmissionHistory(view)
        self._agreements = Agreements(view)
        self._late_parts = LateParts(view)
        self._unknown_costs = cache.unknown_costs.of(view.version, lambda: UnknownCosts(view, self._frames))

    def cases(self, moment: Moment, freshness: Sequence[SourceFreshness], series: SeriesByPolicy) -> Iterator[Case]:
        needs = self._all_needs(moment)
        if any(isinstance(need, Needs) and need.emissions for need in needs):
            self._emissions.read()
        if self._demand is None:
            known = [need for need in needs if not isinstance(need, PolicyFault)]
            self._demand = read_demand(self._view, {name for need in known for name in need.demand})
        emissions = Emissions(self._emissions, moment)
        in_order = sorted(freshness, key=lambda source: source.source)
        for policy, need, matched in zip(self._policies, needs, series, strict=True):
            try:
                if isinstance(need, PolicyFault):
                    raise need
                if isinstance(matched, PolicyFault):
                    raise matched
                yield from self._cases_of(policy, need, matched, moment, in_order, emissions)
            except PolicyFault as fault:
                yield Case(policy, policy.spec, nothing_known(moment), fault.reason)

    def _cases_of(
        self,
        policy: Policy,
        need: Needs,
        matched: dict[GroupKey, GroupSeries],
        moment: Moment,
        freshness: Sequence[SourceFreshness],
        emissions: Emissions,
    ) -> list[Case]:
        rule, demand = policy.spec, self._demand
        assert demand is not None  # noqa: S101 - read by the caller
        with of_kind(policy.kind, "match its groups"):
            unknown = self._unknown_costs.of(rule.envelope, need.amounts)
            late, doubt = self._late_parts.of(rule.envelope, freshness), self._doubt(rule, need)
            unallocated = unknown_shares(self._moved, need.amounts, moment.last_day_due)
            groups_of = _GroupBuilder(
                rule, need, moment, freshness, self._with_rows, demand, unknown, late, doubt, unallocated
            )
            emitted = need.emissions
            groups = groups_of.groups(matched) if emitted is None else groups_of.emitting(emissions, emitted)
            if need.agreements:
                agreed = self._agreements.of(rule.envelope, moment.today)
                groups = (agreed.beside(data) for data in groups)
            if moment.settings.incidents:
                groups = (
                    replace(data, incidents=moment.settings.incidents_of(policy.name, data.group)) for data in groups
                )
            return [Case(policy, rule, data, data.broken) for data in groups]

    def _doubt(self, rule: AnyKind, need: Needs) -> _Doubt:
        faults, condition = self._view.faults, rule.envelope.condition
        always = [f"demand {name}: {why}" for name in need.demand if (why := faults.of_demand(name))]
        if need.emissions is not None:
            always += _named(
                {name: why for name, why in faults.emissions.items() if not name or _may_hold(condition, name)}
            )
            return _Doubt({}, frozenset(), tuple(always))
        if need.agreements:
            always += _named(faults.commitments)
        if faults.sources and not rule.envelope.columns | set(need.split_by) <= self._scope_columns:
            # its groups are found among single rows: nobody knows which of those that are left out belong to them
            always += _named(
                {
                    name: why
                    for name, why in faults.sources.items()
                    if name in self._with_rows and _may_hold(condition, name)
                }
            )
        return _Doubt(faults.sources, frozenset(faults.costs_daily), tuple(always))

    @cached_property
    def _moved(self) -> Allocated:
        return self._view.moved()

    @cached_property
    def _scope_columns(self) -> frozenset[str]:
        return frozenset(self._view.scopes().collect_schema().names())

    def series(self, moment: Moment, cache: SeriesCache) -> SeriesByPolicy:
        needs = self._all_needs(moment)
        faults = [_fault(need) for need in needs]
        return _spread(cache.query(self._frames, self._requests(needs, faults), today=moment.today), faults)

    def series_on(self, moments: Sequence[Moment]) -> Callable[[date], SeriesByPolicy]:
        """The series on the day of each of the moments, from one reading of the rollup; of no day for a policy that
        cannot say on one of them what it needs."""
        needs = {moment.today: self._all_needs(moment) for moment in moments}
        faults = [next(filter(None, map(_fault, of)), None) for of in zip(*needs.values(), strict=True)]
        on = series_by_day(self._frames, {day: self._requests(of, faults) for day, of in needs.items()})
        return lambda day: _spread(on(day), faults)

    def _requests(
        self, needs: Sequence[Needs | PolicyFault], faults: Sequence[PolicyFault | None]
    ) -> list[SeriesRequest]:
        return [
            SeriesRequest(policy.spec.envelope, need.window, need.split_by, need.costs)
            for policy, need, fault in zip(self._policies, needs, faults, strict=True)
            if fault is None and not isinstance(need, PolicyFault)
        ]

    def _all_needs(self, moment: Moment) -> list[Needs | PolicyFault]:
        return [self._needs(policy, moment) for policy in self._policies]

    def _needs(self, policy: Policy, moment: Moment) -> Needs | PolicyFault:
        try:
            return checked_needs(policy.spec.needs(moment))
        except MemoryError:
            raise
        except FAULTS as error:
            return kind_fault(policy.kind, "say what it needs", error)


def _fault(need: Needs | PolicyFault) -> PolicyFault | None:
    return need if isinstance(need, PolicyFault) else None


def _spread(found: SeriesByPolicy, faults: Sequence[PolicyFault | None]) -> SeriesByPolicy:
    rest = iter(found)
    return [next(rest) if fault is None else fault for fault in faults]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Why groups of a policy cannot be judged. ``of_bills``: source -> why none with its rows can; ``unsummed``: those
    whose sums are not all there. ``always``: why no group can."""

    of_bills: Mapping[str, str]
    unsummed: frozenset[str]
    always: tuple[str, ...]

    def of(self, sources: Collection[str]) -> str:
        """``sources``: those with rows in the group."""
        own = _named({name: why for name, why in self.of_bills.items() if name in sources})
        return "; ".join(dict.fromkeys((*own, *self.always)))


def _named(faults: Mapping[str, str]) -> list[str]:
    return [f"{name}: {why}" if name else why for name, why in faults.items()]


def _may_hold(condition: Condition | None, source: str) -> bool:
    return condition is None or condition.may_hold({"source": source})


def nothing_known(moment: Moment) -> GroupData:
    """Of the one group of a policy whose groups cannot be found."""
    return GroupData(moment, {}, seen=False, sources=(), silent=(), daily={}, demand={})


def _together(parts: Sequence[Daily]) -> Daily:
    """The sums of all of them, by day, exactly."""
    sums = [part for part in parts if isinstance(part, DailySums)]
    if len(sums) == len(parts):
        return added(sums)
    total: dict[date, dict[str, Decimal]] = {}
    for part in parts:
        for day, amounts in part.items():
            of_day = total.setdefault(day, {})
            for currency, amount in amounts.items():
                of_day[currency] = EXACT.add(of_day.get(currency, Decimal(0)), amount)
    return total


def _sources_with_rows(view: LakeView) -> frozenset[str]:
    return frozenset(view.scopes().select("source").unique().collect()["source"].to_list())


@dataclass(frozen=True, slots=True)
class _GroupBuilder:
    rule: AnyKind
    needs: Needs
    moment: Moment
    freshness: Sequence[SourceFreshness]
    with_rows: frozenset[str]
    demand: Demand
    unknown_costs: Unknown
    late: LateInScope
    doubt: _Doubt
    unallocated: str = ""

    def groups(self, matched: dict[GroupKey, GroupSeries]) -> Iterator[GroupData]:
        group_by = self.rule.envelope.group_by
        silent = self._silent()
        if group_by == ("source",):
            # a source without rows is its own group, not a doubt about all the others
            yield from self._by_source(matched, silent)
            return
        # no day tells whether a group lives whose sums are not all there
        living = {key for key, one in matched.items() if one.seen or one.sources & self.doubt.unsummed}
        kept = {key: matched[key] for key in living} if group_by else matched
        if not kept:
            yield self._facts({}, GroupSeries(), silent)
        whole: Daily | None = None
        for key in sorted(kept):
            facts = self._facts(dict(zip(group_by, key, strict=True)), kept[key], silent)
            if self._is_young(facts):
                whole = _together([one.daily for one in matched.values()]) if whole is None else whole
                facts = replace(facts, whole=whole)
            yield facts

    def _is_young(self, facts: GroupData) -> bool:
        """Whether the group's rows begin so late that only all groups together can tell what it should cost."""
        if not (self.needs.beside_young and facts.group and facts.daily):
            return False
        return min(facts.daily) > self.moment.today - YOUNG

    def emitting(self, emissions: Emissions, window: Period) -> Iterator[GroupData]:
        """The groups of a rule that looks at emissions: no row of a bill has to stand beside them."""
        envelope = self.rule.envelope
        for key, emitted in emissions.groups(envelope, window).items():
            group = dict(zip(envelope.group_by, key, strict=False))  # nothing emitted: the one group {}
            yield replace(self._facts(group, GroupSeries(), ()), emitted=emitted)

    def _by_source(
        self, matched: dict[GroupKey, GroupSeries], silent: tuple[SourceFreshness, ...]
    ) -> Iterator[GroupData]:
        configured = {source.source for source in self.freshness}
        groups: dict[str, tuple[GroupSeries, tuple[SourceFreshness, ...]]] = {
            key[0]: (one, ()) for key, one in matched.items() if one.seen or key[0] in configured
        }
        groups |= {source.source: (GroupSeries(), (source,)) for source in silent}
        if not groups:
            yield self._facts({}, GroupSeries(), ())
        for name in sorted(groups):
            yield self._facts({"source": name}, *groups[name])

    def _facts(self, group: dict[str, str], matched: GroupSeries, silent: tuple[SourceFreshness, ...]) -> GroupData:
        key = tuple(group.get(name, "") for name in self.rule.envelope.group_by)
        return GroupData(
            moment=self.moment,
            group=group,
            seen=matched.seen,
            sources=tuple(
                self.late.narrowed(source, key) for source in self.freshness if source.source in matched.sources
            ),
            silent=silent,
            daily=matched.daily,
            demand=self.demand.of(self.needs.demand, group),
            parts=matched.parts,
            unknown_costs="; ".join(filter(None, [self.unknown_costs.get(key, ""), self.unallocated])),
            broken=self.doubt.of(matched.sources),
            newest=max((one.complete_through for one in self.freshness if one.complete_through), default=None),
        )

    def _silent(self) -> tuple[SourceFreshness, ...]:
        """Configured sources without a row in the lake whose rows could belong to the scope."""
        condition = self.rule.envelope.condition
        return tuple(
            source
            for source in self.freshness
            if source.source not in self.with_rows and _may_hold(condition, source.source)
        )
