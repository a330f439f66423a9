"""What an estimated change does to each budget: until the end of its period, and in a month."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from finops.app.policies.estimate import Estimate, EstimatedResource
from finops.conditions import parse
from finops.documents import did_you_mean
from finops.errors import BadArguments, MissingRate
from finops.model.columns import Columns
from finops.model.dimension import Dimension, FromTags, When
from finops.model.finding import Finding, Group
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period, month_start
from finops.model.policy import Policy
from finops.model.rates import Rates
from finops.policy.envelope import Envelope

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BudgetEffect:
    """``monthly`` and ``until_end``: what surely falls into the budget's scope adds, in the budget's currency.
    ``possible``: a month of what may fall into it, because the estimate does not tell ``untold`` columns.
    ``unknown``: why no amount can be said; then they are None. ``finding``: its verdict without the change; None for a
    group that has no costs yet."""

    policy: str
    group: Group
    finding: Finding | None
    monthly: Money | None = None
    until_end: Money | None = None
    possible: Money | None = None
    untold: tuple[str, ...] = ()
    unknown: str = ""

    def after(self, name: str) -> Money | None:
        """An amount of the verdict with the change in it: ``remaining`` falls, ``forecast`` rises."""
        before = self.before(name)
        if before is None or self.until_end is None:
            return None
        return before - self.until_end if name == "remaining" else before + self.until_end

    def before(self, name: str) -> Money | None:
        return self.finding.amount.get(name) if self.finding is not None else None


@dataclass(frozen=True, slots=True)
class Effects:
    """``budgets``: those that the change concerns or may concern, by policy and group. ``others``: how many budgets it
    does not. ``without``: resources that surely fall into no budget."""

    budgets: tuple[BudgetEffect, ...]
    others: int
    without: tuple[EstimatedResource, ...]


class Rows:
    """What can be known of the rows that a resource will bill: its tags, the dimensions that follow from them, and the
    columns that somebody has ``told``."""

    def __init__(self, dimensions: Sequence[Dimension], columns: Columns, told: Mapping[str, str]) -> None:
        """``columns``: without dimensions, which may be told too. Raises ``BadArguments`` for a told column that is none
        of text."""
        texts = [name for name, kind in columns.types.items() if kind == "text"] + [one.name for one in dimensions]
        for name in told:
            if columns.aliases.get(name, name) not in texts:
                raise BadArguments(f"'{name}' is not a text column", where="--with", remedy=did_you_mean(name, texts))
        self._told = {columns.aliases.get(name, name): value for name, value in told.items()}
        steps = {step.condition for one in dimensions for step in one.steps if isinstance(step, When)}
        self._conditions = {text: parse(text, columns) for text in steps}
        self._dimensions = [one for one in dimensions if one.name not in told]

    def of(self, resource: EstimatedResource) -> dict[str, str | None]:
        """Column -> value, None for one that is surely empty; columns that nobody can know are left out."""
        row: dict[str, str | None] = {
            "ChargeCategory": "Usage",
            "Tags": json.dumps(dict(resource.tags)),
            **self._told,
        }
        for dimension in self._dimensions:
            known, value = self._value(dimension, resource, row)
            if known:
                row[dimension.name] = value
        return row

    def _value(
        self, dimension: Dimension, resource: EstimatedResource, row: Mapping[str, str | None]
    ) -> tuple[bool, str | None]:
        """Whether the value is known, and the value."""
        for step in dimension.steps:
            if isinstance(step, FromTags):
                value = next((resource.tags[key] for key in step.keys if resource.tags.get(key, "").strip()), None)
                if value is not None:
                    return True, value
            elif isinstance(step, When):
                holds = self._conditions[step.condition].holds(row)
                if holds is None:
                    return False, None
                if holds:
                    return True, step.value
            else:
                return True, step.value
        return True, None


@dataclass(slots=True)
class _Share:
    """Of one policy. ``sure``: group, as sorted pairs -> a month; ``possible``: a month of the rest."""

    sure: dict[tuple[tuple[str, str], ...], Decimal] = field(default_factory=dict)
    possible: Decimal = Decimal(0)
    untold: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not self.sure and not self.untold

    def take(self, envelope: Envelope, row: Mapping[str, str | None], monthly: Decimal) -> bool:
        """Whether a row like ``row`` may fall into the scope."""
        condition = envelope.condition
        holds = condition.holds(row) if condition is not None else True
        if holds is False:
            return False
        needed = {*(condition.required_columns if condition is not None and holds is None else ()), *envelope.group_by}
        missing = needed - row.keys()
        with localcontext(EXACT):
            if holds and not missing:
                group = tuple(sorted((name, row[name] or "") for name in envelope.group_by))
                self.sure[group] = self.sure.get(group, Decimal(0)) + monthly
            else:
                self.possible += monthly
                self.untold |= missing
        return True


def effects_on_budgets(
    estimate: Estimate,
    budgets: Sequence[Policy],
    findings: Iterable[Finding],
    rows: Rows,
    rates: Rates,
    today: date,
) -> Effects:
    """``budgets``: policies whose findings hold ``limit`` and ``spent``; ``findings``: theirs. Pure.

    The change is taken to happen today: it costs from tomorrow on, each day its share of a month.
    """
    shares = {policy.name: _Share() for policy in sorted(budgets, key=lambda one: one.name)}
    alike: dict[tuple[tuple[str, str | None], ...], list[EstimatedResource]] = {}
    for resource in estimate.resources:
        alike.setdefault(tuple(sorted(rows.of(resource).items())), []).append(resource)
    without = []
    for row, resources in alike.items():
        with localcontext(EXACT):
            monthly = sum((one.monthly for one in resources if one.monthly is not None), Decimal(0))
        if not any([shares[policy.name].take(policy.spec.envelope, dict(row), monthly) for policy in budgets]):
            without += resources
    found: list[BudgetEffect] = []
    by_policy: dict[str, list[Finding]] = {}
    for finding in findings:
        by_policy.setdefault(finding.policy, []).append(finding)
    for name, share in shares.items():
        priced = _Pricing(name, by_policy.get(name, []), estimate.currency, rates, today)
        found += [priced.sure(dict(group), monthly) for group, monthly in sorted(share.sure.items())]
        if share.untold:
            found.append(priced.possible(share.possible, tuple(sorted(share.untold))))
    return Effects(tuple(found), sum(share.is_empty for share in shares.values()), tuple(without))


@dataclass(frozen=True, slots=True)
class _Pricing:
    """Amounts of an estimate in the currency and the period of a policy's ``findings``."""

    policy: str
    findings: Sequence[Finding]
    currency: str
    rates: Rates
    today: date

    def sure(self, group: Group, monthly: Decimal) -> BudgetEffect:
        finding = next((one for one in self.findings if one.group == group), None)
        any_finding = finding or next(iter(self.findings), None)
        if any_finding is None:
            return BudgetEffect(self.policy, group, None, unknown="the policy has no verdict yet")
        try:
            money = self._money(monthly, any_finding.currency)
        except MissingRate as error:
            return BudgetEffect(self.policy, group, finding, unknown=f"{error.what}. {error.remedy}")
        left = months_after(self.today, any_finding.period)
        with localcontext(EXACT):
            until_end = Money(quantise(money.amount * left.numerator / left.denominator), money.currency)
        return BudgetEffect(self.policy, group, finding, money, until_end)

    def possible(self, monthly: Decimal, untold: tuple[str, ...]) -> BudgetEffect:
        priced = self.sure({}, monthly)
        return replace(
            priced, group={}, finding=None, possible=priced.monthly, monthly=None, until_end=None, untold=untold
        )

    def _money(self, amount: Decimal, currency: str) -> Money:
        with localcontext(EXACT):
            return Money(quantise(amount * self.rates.factor(self.today, self.currency, currency)), currency)


def months_after(today: date, period: Period) -> Fraction:
    """How many months of ``period`` are left after ``today``, each day a share of its own month."""
    start = max(period.start, today + _DAY)
    days = Period(start, period.end) if start < period.end else ()
    return sum((Fraction(1, (month_start(day, 1) - month_start(day)).days) for day in days), Fraction(0))
