"""Policy tests: made-up rows through the real evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import localcontext

from finops.evaluate.engine import evaluate
from finops.policy.testing import Mismatch, PolicyCase, compare
from finops.lake import InMemoryLakeView
from finops.memo import Memo
from finops.model.finding import Finding
from finops.model.money import EXACT
from finops.model.rates import NO_RATES, Rates
from finops.model.source_freshness import SourceFreshness
from finops.app.policies.test_rows import view_of
from finops.app.policies.context import PolicyContext

KIND = "test"
"""Of the sources that rows of tests come from."""


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """A test with what came out, and where that is not what was expected."""

    case: PolicyCase
    findings: tuple[Finding, ...]
    mismatches: tuple[Mismatch, ...]

    @property
    def passed(self) -> bool:
        return not self.mismatches


def run_case(case: PolicyCase, policy_context: PolicyContext) -> CaseOutcome:
    """One test, over a lake in memory."""
    settings = replace(policy_context.settings, rates=_rates(case))
    view = view_of(case, currency=_currency(case, policy_context), dimensions=policy_context.dimensions, timezone=settings.timezone)
    settings = replace(settings, emissions=tuple(sorted(view.emission_rows["source"].unique())))
    view = replace(view, allocations=replace(policy_context.allocations, rates=lambda: settings.rates, memo=Memo()))
    evaluation = evaluate([case.policy], view, as_of=case.now, freshness=_source_freshness(case, view), settings=settings)
    return CaseOutcome(case, evaluation.findings, tuple(compare(case, evaluation.findings)))


def _currency(case: PolicyCase, policy_context: PolicyContext) -> str:
    """What the policy speaks of: the currency of its verdict over no data."""
    evaluation = evaluate([case.policy], InMemoryLakeView.empty(), as_of=case.now, freshness=(), settings=policy_context.settings)
    return evaluation.findings[0].currency


def _source_freshness(case: PolicyCase, view: InMemoryLakeView) -> Sequence[SourceFreshness]:
    """Every source of the rows, and every one that the test names."""
    delivered = dict(case.delivered)
    others = delivered.pop("", case.now)
    names = {*view.rows["source"].unique().to_list(), *delivered}
    return [
        SourceFreshness(name, KIND, delivered.get(name, others), delivered.get(name, others)) for name in sorted(names)
    ]


def _rates(case: PolicyCase) -> Rates:
    if not case.rates:
        return NO_RATES
    days: list[date] = case.costs["day"].unique().sort().to_list()
    base = next(iter(case.rates.values())).currency
    with localcontext(EXACT):
        # a quote is what one unit of the base buys, the inverse of what a test says
        quotes = {currency: 1 / rate.amount for currency, rate in case.rates.items()}
    return Rates(base, {currency: dict.fromkeys(days, quote) for currency, quote in quotes.items()})
