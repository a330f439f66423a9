"""Policies and the lake -> the data of every (policy, group)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from finops.evaluate.aggregation.frames import frames_of
from finops.evaluate.cases.case import Case
from finops.evaluate.cases.demand import Demand, read_demand
from finops.evaluate.cases.emissions import EmissionHistory, Emissions
from finops.evaluate.cases.unknown_costs import Unknown, UnknownCosts
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import AnyKind, Needs
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.selection import SeriesRequest
from finops.evaluate.series.groups import GroupKey
from finops.evaluate.series.rollup_cache import MOST_ROWS
from finops.evaluate.series.series_by_day import series_by_day
from finops.evaluate.series.series_query import GroupSeries, SeriesByPolicy, SeriesCache
from finops.memo import Memo
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.standing import SourceFreshness
from finops.ports.lake import LakeView


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
    standings: Sequence[SourceFreshness],
    *,
    cache: CaseCache | None = None,
) -> Iterator[Case]:
    """Every group of every policy, ordered by policy and group.

    A policy without ``group_by`` has one group, always. With it, groups that had no row for a year are forgotten; one
    whose scope matches nothing at all has the one group ``{}``, to say so.
    """
    cache = cache or CaseCache()
    builder = _CaseBuilder(policies, view, cache)
    yield from builder.cases(moment, standings, builder.series(moment, cache.series))


def build_cases_at(
    policies: Sequence[Policy], view: LakeView, moments: Sequence[tuple[Moment, Sequence[SourceFreshness]]]
) -> Iterator[list[Case]]:
    """The cases of ``build_cases`` at each of the moments, in order; the rollup is read once for all of them.

    Policies that need single rows (see ``finops.evaluate.series.series_query``) are queried again at each moment.
    """
    builder = _CaseBuilder(policies, view, CaseCache())
    series_on = builder.series_on([moment for moment, _ in moments])
    for moment, standings in moments:
        yield list(builder.cases(moment, standings, series_on(moment.today)))


class _CaseBuilder:
    """What is asked of one view, whatever the moment."""

    def __init__(self, policies: Sequence[Policy], view: LakeView, cache: CaseCache) -> None:
        self._policies = sorted(policies, key=lambda policy: policy.name)
        self._rules: list[AnyKind] = [policy.spec for policy in self._policies]
        self._view = view
        self._frames = frames_of(view)
        self._with_rows = cache.sources.of(view.version, lambda: _sources_with_rows(view))
        self._demand: Demand | None = None
        self._emissions = EmissionHistory(view)
        self._unknown_costs = cache.unknown_costs.of(view.version, lambda: UnknownCosts(view, self._frames))

    def cases(self, moment: Moment, standings: Sequence[SourceFreshness], series: SeriesByPolicy) -> Iterator[Case]:
        needs = [rule.needs(moment) for rule in self._rules]
        if self._demand is None:
            self._demand = read_demand(self._view, {name for need in needs for name in need.demand})
        emissions = Emissions(self._emissions, moment)
        in_order = sorted(standings, key=lambda standing: standing.source)
        for policy, rule, need, matched in zip(self._policies, self._rules, needs, series, strict=True):
            unknown = self._unknown_costs.of(rule.envelope, need.window)
            groups_of = _GroupBuilder(rule, need, moment, in_order, self._with_rows, self._demand, unknown)
            emitted = need.emissions
            groups = groups_of.groups(matched) if emitted is None else groups_of.emitting(emissions, emitted)
            for data in groups:
                yield Case(policy, rule, data)

    def series(self, moment: Moment, cache: SeriesCache) -> SeriesByPolicy:
        return cache.query(self._frames, self._wanted(moment), today=moment.today)

    def series_on(self, moments: Sequence[Moment]) -> Callable[[date], SeriesByPolicy]:
        """The series on the day of each of the moments, from one reading of the rollup."""
        return series_by_day(self._frames, {moment.today: self._wanted(moment) for moment in moments})

    def _wanted(self, moment: Moment) -> list[SeriesRequest]:
        needs = [rule.needs(moment) for rule in self._rules]
        return [
            SeriesRequest(rule.envelope, need.window, need.split_by, need.costs)
            for rule, need in zip(self._rules, needs, strict=True)
        ]


def _sources_with_rows(view: LakeView) -> frozenset[str]:
    return frozenset(view.scopes().select("source").unique().collect()["source"].to_list())


@dataclass(frozen=True, slots=True)
class _GroupBuilder:
    rule: AnyKind
    needs: Needs
    moment: Moment
    standings: Sequence[SourceFreshness]
    with_rows: frozenset[str]
    demand: Demand
    unknown_costs: Unknown

    def groups(self, matched: dict[GroupKey, GroupSeries]) -> Iterator[GroupData]:
        group_by = self.rule.envelope.group_by
        silent = self._silent()
        if group_by == ("source",):
            # a source without rows is its own group, not a doubt about all the others
            yield from self._by_source(matched, silent)
            return
        kept = {key: one for key, one in matched.items() if one.seen} if group_by else matched
        if not kept:
            yield self._facts({}, GroupSeries(), silent)
        for key in sorted(kept):
            yield self._facts(dict(zip(group_by, key, strict=True)), kept[key], silent)

    def emitting(self, emissions: Emissions, window: Period) -> Iterator[GroupData]:
        """The groups of a rule that looks at emissions: no row of a bill has to stand beside them."""
        envelope = self.rule.envelope
        for key, emitted in emissions.groups(envelope, window).items():
            group = dict(zip(envelope.group_by, key, strict=False))  # nothing emitted: the one group {}
            yield replace(self._facts(group, GroupSeries(), ()), emitted=emitted)

    def _by_source(
        self, matched: dict[GroupKey, GroupSeries], silent: tuple[SourceFreshness, ...]
    ) -> Iterator[GroupData]:
        configured = {source.source for source in self.standings}
        groups: dict[str, tuple[GroupSeries, tuple[SourceFreshness, ...]]] = {
            key[0]: (one, ()) for key, one in matched.items() if one.seen or key[0] in configured
        }
        groups |= {source.source: (GroupSeries(), (source,)) for source in silent}
        if not groups:
            yield self._facts({}, GroupSeries(), ())
        for name in sorted(groups):
            yield self._facts({"source": name}, *groups[name])

    def _facts(self, group: dict[str, str], matched: GroupSeries, silent: tuple[SourceFreshness, ...]) -> GroupData:
        return GroupData(
            moment=self.moment,
            group=group,
            seen=matched.seen,
            sources=tuple(source for source in self.standings if source.source in matched.sources),
            silent=silent,
            daily=matched.daily,
            demand=self.demand.of(self.needs.demand, group),
            parts=matched.parts,
            unknown_costs=self.unknown_costs.get(
                tuple(group.get(name, "") for name in self.rule.envelope.group_by), ""
            ),
        )

    def _silent(self) -> tuple[SourceFreshness, ...]:
        """Configured sources without a row in the lake whose rows could belong to the scope."""
        condition = self.rule.envelope.condition
        return tuple(
            source
            for source in self.standings
            if source.source not in self.with_rows
            and (condition is None or condition.may_hold({"source": source.source}))
        )
