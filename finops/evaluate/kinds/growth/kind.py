"""Does cost grow faster than demand?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.growth.numbers import GrowthNumbers
from finops.evaluate.kinds.growth.options import GrowthOptions
from finops.evaluate.kinds.growth.profile import PROFILE
from finops.evaluate.windows.two_windows import days_needed, spent, window_shown
from finops.model.kind_profile import KindProfile
from finops.policy.options import CommonOptions


@dataclass(frozen=True, slots=True)
class Growth(PolicyKind[GrowthOptions]):
    """``elasticity``: the trend of cost ÷ the trend of demand over the window, both of logarithms of weeks.
    ``cost_growth`` and ``demand_growth``: a mean week of the window ÷ one of the window before it, - 1.
    ``excess_growth``: their difference. Each with a 90 % interval, over settled days only.
    """

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = GrowthOptions

    def needs(self, moment: Moment) -> Needs:
        return Needs(days_needed(moment, self.options.window), (self.options.demand,))

    def numbers(self, data: GroupData) -> GrowthNumbers:
        return GrowthNumbers(self.options, self.currency(data), data)

    def explain(self, data: GroupData) -> list[str]:
        return self.numbers(data).lines()

    def check_warnings(self) -> Sequence[tuple[str, str]]:
        alerts = self.envelope.alerts
        if any(alert.measure != "elasticity" for alert in alerts):
            return ()
        beyond = "> 20%" if alerts[0].upward else "< -20%"
        return (
            (
                "elasticity alone is unknown whenever demand falls, stands still or is noisy",
                f"Add the line '- {{when: excess_growth {beyond}, severity: {alerts[0].severity.value}}}'",
            ),
        )

    def judge(self, data: GroupData) -> Verdict:
        numbers = self.numbers(data)
        readings = numbers.readings()
        window = window_shown(data, self.options.window)
        cost = spent(data, window, self.currency(data))
        gap = data.gap(data.moment.today + timedelta(days=1))
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=cost)
        return Verdict.of(
            outcome,
            currency=self.currency(data),
            period=window,
            amount={"spent": cost} if cost is not None else {},
            measures=measures_of(readings),
            lines=numbers.two.lines() if numbers.two is not None else {},
            demand=self.options.demand,
            notes=numbers.notes,
            compared=numbers.compared,
        )
