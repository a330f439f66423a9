"""Does cost grow faster than demand?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from finops.evaluate.envelope import Envelope
from finops.evaluate.facts import Facts
from finops.evaluate.judging import judge, measures_of
from finops.evaluate.moment import Moment
from finops.evaluate.options import CommonOptions
from finops.evaluate.rule import Needs, Verdict
from finops.evaluate.rules.growth_numbers import GrowthNumbers
from finops.evaluate.rules.growth_options import GrowthOptions
from finops.evaluate.rules.two_windows import days_needed, spent, window_shown
from finops.evaluate.when import Unit


@dataclass(frozen=True, slots=True)
class Growth:
    """``elasticity``: the trend of cost ÷ the trend of demand over the window, both of logarithms of weeks.
    ``cost_growth`` and ``demand_growth``: a mean week of the window ÷ one of the window before it, - 1.
    ``excess_growth``: their difference. Each with a 90 % interval, over settled days only.
    """

    kind: ClassVar[str] = "Growth"
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = GrowthOptions
    measures: ClassVar[Mapping[str, Collection[Unit]]] = {
        "elasticity": (Unit.NUMBER,),
        "excess_growth": (Unit.SHARE,),
        "cost_growth": (Unit.SHARE,),
        "demand_growth": (Unit.SHARE,),
    }

    envelope: Envelope
    options: GrowthOptions

    @classmethod
    def from_options(cls, options: GrowthOptions, envelope: Envelope) -> Growth:
        return cls(envelope, options)

    @classmethod
    def currency_of(cls, options: GrowthOptions) -> str | None:
        """Only ``minimum`` is an amount, and it chooses its own currency."""
        return options.minimum.currency if options.minimum is not None else None

    def needs(self, moment: Moment) -> Needs:
        return Needs(days_needed(moment, self.options.window), (self.options.demand,))

    def numbers(self, facts: Facts) -> GrowthNumbers:
        return GrowthNumbers(self.options, self._currency(facts), facts)

    def explain(self, facts: Facts) -> list[str]:
        return self.numbers(facts).lines()

    def judge(self, facts: Facts) -> Verdict:
        numbers = self.numbers(facts)
        readings = numbers.readings()
        window = window_shown(facts, self.options.window)
        cost = spent(facts, window, self._currency(facts))
        gap = facts.gap(facts.moment.today + timedelta(days=1))
        outcome = judge(self.envelope, facts, readings, gap=gap, spent=cost)
        return Verdict.of(
            outcome,
            currency=self._currency(facts),
            period=window,
            amount={"spent": cost} if cost is not None else {},
            measures=measures_of(readings),
            lines=numbers.two.lines() if numbers.two is not None else {},
            demand=self.options.demand,
            notes=numbers.notes,
            compared=numbers.compared,
        )

    def _currency(self, facts: Facts) -> str:
        minimum = self.envelope.minimum
        return minimum.currency if minimum is not None else facts.moment.settings.currency
