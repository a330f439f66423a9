"""Will this period cost more than agreed?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from finops.evaluate.envelope import Envelope
from finops.evaluate.facts import Facts
from finops.evaluate.judging import judge
from finops.evaluate.moment import Moment
from finops.evaluate.options import CommonOptions
from finops.evaluate.rule import Needs, Verdict
from finops.evaluate.rules.budget_compared import compared
from finops.evaluate.rules.budget_numbers import Numbers
from finops.evaluate.rules.budget_options import BudgetOptions, Flexed, Span
from finops.evaluate.when import Unit
from finops.model.period import Period, period_of


@dataclass(frozen=True, slots=True)
class Budget:
    """``spent``: every row known, provisional days too, as a share of the limit or as an amount.
    ``remaining``: limit − spent. ``pace``: settled spend ÷ what is due by the end of the last settled day.

    The amount holds for each group. A flexed budget has earned ``demand x amount`` up to the last day whose demand is
    known, and is held against the spend up to that same day.
    """

    kind: ClassVar[str] = "Budget"
    Options: ClassVar[type[CommonOptions]] = BudgetOptions
    measures: ClassVar[Mapping[str, Collection[Unit]]] = {
        "spent": (Unit.SHARE, Unit.AMOUNT),
        "remaining": (Unit.SHARE, Unit.AMOUNT),
        "pace": (Unit.SHARE,),
    }
    not_yet: ClassVar[tuple[str, ...]] = ("forecast", "exhausts_in")

    envelope: Envelope
    options: BudgetOptions

    @classmethod
    def from_options(cls, options: BudgetOptions, envelope: Envelope) -> Budget:
        return cls(envelope, options)

    @classmethod
    def currency_of(cls, options: BudgetOptions) -> str:
        """The currency that every amount of the policy must have."""
        return options.currency

    def needs(self, moment: Moment) -> Needs:
        amount = self.options.amount
        return Needs(self.period(moment), (amount.per,) if isinstance(amount, Flexed) else ())

    def period(self, moment: Moment) -> Period:
        """The period that holds the evaluation's day, or the policy's own."""
        period = self.options.period
        if isinstance(period, Span):
            return period.period
        return period_of(period, moment.today, fiscal_year_starts=moment.settings.fiscal_year_starts)

    def numbers(self, facts: Facts) -> Numbers:
        kind = self.options.period if isinstance(self.options.period, str) else None
        return Numbers(self.options.amount, kind, self.period(facts.moment), self.options.currency, facts)

    def explain(self, facts: Facts) -> list[str]:
        return self.numbers(facts).lines()

    def judge(self, facts: Facts) -> Verdict:
        period = self.period(facts.moment)
        numbers = self.numbers(facts)
        gap = facts.gap(period.end - timedelta(days=1))
        readings = {"spent": numbers.spent(), "remaining": numbers.remaining(), "pace": numbers.pace()}
        outcome = judge(self.envelope, facts, readings, gap=gap, spent=readings["spent"].amount)
        shares = {name: reading.share for name, reading in readings.items() if not reading.unknown}
        return Verdict(
            state=outcome.state,
            severity=outcome.severity,
            reason=outcome.reason,
            measure=outcome.measure,
            value=outcome.value,
            limit=outcome.limit,
            currency=self.options.currency,
            period=period,
            amount=numbers.amounts(),
            measures={name: float(share) for name, share in sorted(shares.items()) if share is not None},
            due=numbers.line,
            compared=compared(self.options, period, numbers.settled_through, facts),
        )
