"""Every budget's year, from one read of the rollup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.forecasting.foresee import history_window
from finops.evaluate.forecasting.history import SPLIT_BY
from finops.evaluate.judgement.kind import AnyKind, Needs
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.policy_fault import PolicyFault, of_kind
from finops.model.budget_year import BudgetPlan, BudgetYear, differences
from finops.model.period import Period
from finops.model.policy import Policy, WrittenPolicy
from finops.model.source_freshness import SourceFreshness
from finops.policy.envelope import Envelope
from finops.ports.lake import LakeView

MOST_FORETOLD = 200
"""Budgets and groups whose months to come are forecast: each takes tens of milliseconds."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A budget's rows of a year, in place of its own rule."""

    rule: AnyKind
    year: Period

    @property
    def envelope(self) -> Envelope:
        return self.rule.envelope

    @property
    def profile(self) -> Any:
        return self.rule.profile

    def needs(self, moment: Moment) -> Needs:
        past = history_window(moment.today)
        own = self.rule.needs(moment)
        start = min(past.start, self.year.start)
        return Needs(Period(start, max(past.end, self.year.end)), own.demand, split_by=SPLIT_BY)


def budget_year(
    policies: Sequence[Policy],
    view: LakeView,
    moment: Moment,
    freshness: Sequence[SourceFreshness],
    year: Period,
) -> BudgetYear:
    """``policies``: of any kind; only those that plan amounts by month, quarter or year are in it."""
    own = [policy for policy in policies if policy.spec.profile.statement == "budgets"]
    days = view.costs_daily().select(first=pl.col("day").min(), last=pl.col("day").max()).collect()
    first, last = days.row(0)
    plans = sorted(_plans(own, view, moment, freshness, year, first), key=lambda one: (one.policy, one.group_label))
    told = [f"Forecasts are made of the first {MOST_FORETOLD} budgets"] if len(plans) > MOST_FORETOLD else []
    if first is not None and first > year.start:
        told.append(f"Bills begin on {first}: what was spent before is not known")
    reach = min(last, moment.today) if last is not None else None
    return BudgetYear(year, moment.today, plans, tuple(differences(plans)), reach, told)


def _plans(
    policies: Sequence[Policy],
    view: LakeView,
    moment: Moment,
    freshness: Sequence[SourceFreshness],
    year: Period,
    first: date | None,
) -> Iterator[BudgetPlan]:
    made = 0
    for allocated in (False, True):
        chosen = [one for one in policies if one.spec.envelope.allocated is allocated]
        if not chosen:
            continue
        known = {one.name: one.spec for one in chosen}
        rules = [replace(one, spec=_Reading(one.spec, year)) for one in chosen]
        for case in build_cases(rules, view.allocated() if allocated else view, moment, freshness):
            rule, data = known[case.policy.name], case.data
            try:
                with of_kind(case.policy.kind, "plan its year"):
                    plan = rule.plan(data, year, first, foretell=made < MOST_FORETOLD and not case.fault)
            except PolicyFault:
                plan = None  # its verdict says why
            if plan is None:
                continue
            made += 1
            written = WrittenPolicy.of(case.policy)
            yield BudgetPlan(
                policy=case.policy.name,
                owner=case.policy.owner,
                group=data.group,
                scope=written.scope,
                cost=written.cost,
                currency=plan.currency,
                parent=plan.parent,
                revisions=plan.revisions,
                months=plan.months,
                notes=(case.fault, *plan.notes) if case.fault else plan.notes,
            )
