"""What does one order, user, request, 1,000 tokens cost?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from finops.evaluate.forecasting.spread_charges import charges_needed
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.unit_cost.numbers import UnitCostNumbers
from finops.evaluate.kinds.unit_cost.options import UnitCostOptions
from finops.evaluate.kinds.unit_cost.profile import PROFILE
from finops.evaluate.windows.demand_options import currency_in
from finops.evaluate.windows.two_windows import days_needed, spent, window_shown
from finops.model.kind_profile import KindProfile
from finops.policy.options import CommonOptions


@dataclass(frozen=True, slots=True)
class UnitCost(PolicyKind[UnitCostOptions]):
    """``unit_cost``: cost ÷ demand of the window, for ``per`` units; an exact quotient of sums over settled days.
    ``unit_cost_change``: that ÷ the same of the window before, - 1, with a 90 % interval.
    """

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = UnitCostOptions

    @classmethod
    def currency_of(cls, options: UnitCostOptions) -> str | None:
        """That of the first threshold, or of ``minimum``."""
        return currency_in(options.alerts, options.minimum)

    def needs(self, moment: Moment) -> Needs:
        return Needs(charges_needed(days_needed(moment, self.options.window)), (self.options.demand,))

    def numbers(self, data: GroupData) -> UnitCostNumbers:
        return UnitCostNumbers(self.options, self.currency(data), data)

    def explain(self, data: GroupData) -> list[str]:
        return self.numbers(data).lines()

    def judge(self, data: GroupData) -> Verdict:
        numbers, currency = self.numbers(data), self.currency(data)
        readings = numbers.readings()
        window = window_shown(data, self.options.window)
        cost = spent(data, window, currency)
        gap = data.gap(data.moment.today + timedelta(days=1))
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=cost)
        return Verdict.of(
            outcome,
            currency=currency,
            period=window,
            amount={**({"spent": cost} if cost is not None else {}), **numbers.amounts()},
            measures=measures_of(readings),
            lines=numbers.two.lines(self.options.per) if numbers.two is not None else {},
            demand=self.options.demand,
            per=self.options.per,
            notes=numbers.notes,
            compared=numbers.compared,
        )
