"""Policies and the lake -> the facts of every (policy, group)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from finops.evaluate.demand import Demand, read_demand
from finops.evaluate.emitted import Emissions, EveryEmission
from finops.evaluate.facts import Facts
from finops.evaluate.frames import frames_of
from finops.evaluate.groups import GroupKey
from finops.evaluate.matching import Matched, Matches, Memory
from finops.evaluate.matching_days import match_days
from finops.evaluate.moment import Moment
from finops.evaluate.rule import Needs, PolicyKind
from finops.evaluate.selection import Wanted
from finops.evaluate.unknown_costs import Unknown, UnknownCosts
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.standing import SourceFreshness
from finops.ports.lake import LakeView


@dataclass(frozen=True, slots=True)
class Case:
    """One group of one policy, ready to be judged."""

    policy: Policy
    rule: PolicyKind
    facts: Facts


def gather(
    policies: Sequence[Policy],
    view: LakeView,
    moment: Moment,
    standings: Sequence[SourceFreshness],
    *,
    memory: Memory | None = None,
) -> Iterator[Case]:
    """Every group of every policy, ordered by policy and group.

    A policy without ``group_by`` has one group, always. With it, groups that had no row for a year are forgotten; one
    whose scope matches nothing at all has the one group ``{}``, to say so.
    """
    memory = memory or Memory()
    gatherer = _Gatherer(policies, view, memory)
    yield from gatherer.cases(moment, standings, gatherer.matches(moment, memory))


def gather_moments(
    policies: Sequence[Policy], view: LakeView, moments: Sequence[tuple[Moment, Sequence[SourceFreshness]]]
) -> Iterator[list[Case]]:
    """The cases of ``gather`` at each of the moments, in order; the rollup is read once for all of them.

    Policies that need single rows (see ``finops.evaluate.matching``) are matched anew at each moment.
    """
    gatherer = _Gatherer(policies, view, Memory())
    matches_on = gatherer.matches_on([moment for moment, _ in moments])
    for moment, standings in moments:
        yield list(gatherer.cases(moment, standings, matches_on(moment.today)))


class _Gatherer:
    """What is asked of one view, whatever the moment."""

    def __init__(self, policies: Sequence[Policy], view: LakeView, memory: Memory) -> None:
        self._policies = sorted(policies, key=lambda policy: policy.name)
        self._rules: list[PolicyKind] = [policy.spec for policy in self._policies]
        self._view = view
        self._frames = frames_of(view)
        self._with_rows = memory.sources.of(view.version, lambda: _sources_with_rows(view))
        self._demand: Demand | None = None
        self._emissions = EveryEmission(view)
        self._unknown_costs = memory.unknown_costs.of(view.version, lambda: UnknownCosts(view, self._frames))

    def cases(self, moment: Moment, standings: Sequence[SourceFreshness], matches: Matches) -> Iterator[Case]:
        needs = [rule.needs(moment) for rule in self._rules]
        if self._demand is None:
            self._demand = read_demand(self._view, {name for need in needs for name in need.demand})
        emissions = Emissions(self._emissions, moment)
        in_order = sorted(standings, key=lambda standing: standing.source)
        for policy, rule, need, matched in zip(self._policies, self._rules, needs, matches, strict=True):
            unknown = self._unknown_costs.of(rule.envelope, need.window)
            gathering = _Gathering(rule, need, moment, in_order, self._with_rows, self._demand, unknown)
            emitted = need.emissions
            groups = gathering.groups(matched) if emitted is None else gathering.emitting(emissions, emitted)
            for facts in groups:
                yield Case(policy, rule, facts)

    def matches(self, moment: Moment, memory: Memory) -> Matches:
        return memory.match(self._frames, self._wanted(moment), today=moment.today)

    def matches_on(self, moments: Sequence[Moment]) -> Callable[[date], Matches]:
        """Matches on the day of each of the moments, from one reading of the rollup."""
        return match_days(self._frames, {moment.today: self._wanted(moment) for moment in moments})

    def _wanted(self, moment: Moment) -> list[Wanted]:
        needs = [rule.needs(moment) for rule in self._rules]
        return [
            Wanted(rule.envelope, need.window, need.split_by, need.costs)
            for rule, need in zip(self._rules, needs, strict=True)
        ]


def _sources_with_rows(view: LakeView) -> frozenset[str]:
    return frozenset(view.scopes().select("source").unique().collect()["source"].to_list())


@dataclass(frozen=True, slots=True)
class _Gathering:
    rule: PolicyKind
    needs: Needs
    moment: Moment
    standings: Sequence[SourceFreshness]
    with_rows: frozenset[str]
    demand: Demand
    unknown_costs: Unknown

    def groups(self, matched: dict[GroupKey, Matched]) -> Iterator[Facts]:
        group_by = self.rule.envelope.group_by
        silent = self._silent()
        if group_by == ("source",):
            # a source without rows is its own group, not a doubt about all the others
            yield from self._by_source(matched, silent)
            return
        kept = {key: one for key, one in matched.items() if one.seen} if group_by else matched
        if not kept:
            yield self._facts({}, Matched(), silent)
        for key in sorted(kept):
            yield self._facts(dict(zip(group_by, key, strict=True)), kept[key], silent)

    def emitting(self, emissions: Emissions, window: Period) -> Iterator[Facts]:
        """The groups of a rule that looks at emissions: no row of a bill has to stand beside them."""
        envelope = self.rule.envelope
        for key, emitted in emissions.groups(envelope, window).items():
            group = dict(zip(envelope.group_by, key, strict=False))  # nothing emitted: the one group {}
            yield replace(self._facts(group, Matched(), ()), emitted=emitted)

    def _by_source(self, matched: dict[GroupKey, Matched], silent: tuple[SourceFreshness, ...]) -> Iterator[Facts]:
        configured = {source.source for source in self.standings}
        groups: dict[str, tuple[Matched, tuple[SourceFreshness, ...]]] = {
            key[0]: (one, ()) for key, one in matched.items() if one.seen or key[0] in configured
        }
        groups |= {source.source: (Matched(), (source,)) for source in silent}
        if not groups:
            yield self._facts({}, Matched(), ())
        for name in sorted(groups):
            yield self._facts({"source": name}, *groups[name])

    def _facts(self, group: dict[str, str], matched: Matched, silent: tuple[SourceFreshness, ...]) -> Facts:
        return Facts(
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
