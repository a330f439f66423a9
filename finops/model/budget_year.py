"""Budgets of a fiscal year, month by month: what was planned, what was spent, what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.model.finding import Group, group_label
from finops.model.money import EXACT, added, difference
from finops.model.period import Period
from finops.model.wording import amount_text


@dataclass(frozen=True, slots=True)
class PlannedMonth:
    """Amounts of one month, None where they are not known. ``original``: as first agreed; ``plan``: with all revisions,
    without what was carried forward; ``actual``: spent up to today; ``forecast``: of a month that still runs or is to
    come."""

    month: date
    original: Decimal | None
    plan: Decimal | None
    actual: Decimal | None
    forecast: Decimal | None

    @property
    def outcome(self) -> Decimal | None:
        """What the month comes to: the forecast while there is one, else what was spent."""
        return self.forecast if self.forecast is not None else self.actual

    @property
    def variance(self) -> Decimal | None:
        """``outcome`` - ``plan``: above zero it costs more than planned."""
        return difference(self.outcome, self.plan)


@dataclass(frozen=True, slots=True)
class Revised:
    """One version of a budget: from which month, who decided it, and why."""

    first: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """One budget for one group. ``months``: those of the year, in order. ``parent``: the budget it is a part of.
    ``notes``: sentences about what is not known."""

    policy: str
    owner: str
    group: Group
    scope: str
    cost: str
    currency: str
    parent: str
    revisions: Sequence[Revised]
    months: Sequence[PlannedMonth]
    notes: Sequence[str] = ()

    @property
    def group_label(self) -> str:
        return group_label(self.group)

    def total(self, name: str) -> Decimal | None:
        """Of one of a month's amounts over the months that have one. What was spent counts in planned months alone, so
        that it can be held against the plan. The forecast of the year counts what was spent in months that are over,
        and is None where it is not known of a month that is planned."""
        if name == "forecast":
            return added([month.outcome for month in self.months if month.plan is not None] or [None])
        counted = [month for month in self.months if name != "actual" or month.plan is not None]
        return added(_known(getattr(month, name) for month in counted) or [None])

    @property
    def variance_to_date(self) -> Decimal | None:
        """Over the months that have begun and have both."""
        return added(_known(month.variance for month in self.months if month.actual is not None) or [None])


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """``plans``: by policy and group. ``differences``: where the parts of a budget do not add up to it, a sentence
    each. ``reach``: the last day that any bill reaches."""

    year: Period
    today: date
    plans: Sequence[BudgetPlan]
    differences: Sequence[str]
    reach: date | None = None
    notes: Sequence[str] = ()


def differences(plans: Sequence[BudgetPlan]) -> Iterable[str]:
    """Of the plans in force, by parent and month."""
    by_name = {plan.policy: plan for plan in plans if not plan.group}
    for parent in by_name.values():
        parts = [plan for plan in plans if plan.parent == parent.policy]
        if any(part.currency != parent.currency for part in parts):
            yield f"{parent.policy}: its parts are in another currency than {parent.currency}"
            continue
        for at, whole in enumerate(parent.months if parts else ()):
            total = added(part.months[at].plan for part in parts)
            if whole.plan is None or total is None:
                continue
            left = EXACT.subtract(whole.plan, total)
            if left:
                way = "less" if left > 0 else "more"
                told, gap, own = (amount_text(one, parent.currency) for one in (total, abs(left), whole.plan))
                yield f"{parent.policy}, {whole.month:%Y-%m}: its parts add up to {told}, {gap} {way} than its {own}"


def _known(amounts: Iterable[Decimal | None]) -> list[Decimal | None]:
    return [amount for amount in amounts if amount is not None]
